"""Papermill for Go notebooks: `python grading/evident_papermill.py IN.ipynb OUT.ipynb -p seed 7`.

Papermill writes the parameters into a cell behind the one with the tag `parameters`; this teaches it how Go writes
them, with the types that they have there: 1 for a float64 stays one. A variable that a notebook declares anew replaces
the one before.
"""

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import nbformat
import papermill.cli
from nbclient.exceptions import CellExecutionError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

EVIDENT = Path(__file__).resolve().parents[1] / ".grading" / "bin" / "evident"

INTEGERS = re.compile(r"u?int(8|16|32|64|ptr)?|byte|rune")
LIST = re.compile(r"\[\d*\](?P<element>.+)")
MAP = re.compile(r"map\[string\](?P<element>.+)")
# What a literal has by itself.
PLAIN = re.compile(r"int|float64|string|bool|\[.*|map\[.*")


class BadParameter(ValueError):
    """What is wrong with a parameter, in one line."""


class GoTranslator(Translator):
    declared: ClassVar[dict[str, dict]] = {}  # by the parameters cell of the notebook that is translated

    @classmethod
    def inspect(cls, parameters_cell):
        done = subprocess.run([EVIDENT, "parameters"], check=True, input=parameters_cell.source, stdout=subprocess.PIPE, text=True)
        variables = json.loads(done.stdout)
        cls.declared = {variable["name"]: variable for variable in variables}
        return [Parameter(v["name"], v["type"] or "None", v["default"], v["help"]) for v in variables]

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        lines = [cls.comment(comment)]
        for name, value in parameters.items():
            variable = cls.declared.get(name, {"type": "", "kind": ""})
            try:
                written = cls.typed(variable["type"], variable["kind"], value)
            except BadParameter as err:
                raise BadParameter(f"the parameter {name}: {err}") from None
            own = "" if PLAIN.fullmatch(variable["type"]) else variable["type"]
            lines.append(" ".join(filter(None, ["var", name, own, "=", written])))
        cls.declared = {}
        return "\n".join(lines) + "\n"

    @classmethod
    def typed(cls, name: str, kind: str, value) -> str:
        """A value as a type of Go has it: name is the type's, kind that of the type behind it."""
        if value is None:
            return cls.translate_none(value)
        misfit = BadParameter(f"its type is {name}, and {json.dumps(value, ensure_ascii=False)} does not fit")
        if kind == "string":
            if isinstance(value, (list, dict)):
                raise misfit
            return cls.translate_str(getattr(value, "text", None) or str(value))
        if kind == "bool":
            value = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
            if not isinstance(value, bool):
                raise misfit
            return cls.translate_bool(value)
        if kind.startswith("float") or INTEGERS.fullmatch(kind):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise misfit
            if kind.startswith("float"):
                return cls.translate_float(value)
            if value != (whole := int(value) if math.isfinite(value) else 0):
                raise misfit
            return str(whole)
        if element := LIST.fullmatch(kind):
            if not isinstance(value, list):
                raise BadParameter(f"its type is {name}: give a list, as in -y '{{NAME: [1, 2]}}'")
            return f"{name}{{{', '.join(cls.typed(element['element'], element['element'], one) for one in value)}}}"
        if element := MAP.fullmatch(kind):
            if not isinstance(value, dict):
                raise BadParameter(f"its type is {name}: give a map, as in -y '{{NAME: {{a: 1}}}}'")
            entries = (f"{cls.translate_str(str(key))}: {cls.typed(element['element'], element['element'], one)}" for key, one in value.items())
            return f"{name}{{{', '.join(entries)}}}"
        return cls.translate(value)

    @classmethod
    def translate_none(cls, val):
        raise BadParameter("Go has no value without a type: leave the parameter out")

    @classmethod
    def translate_str(cls, val):
        # The escapes of JSON are Go's too, but for characters beyond 16 bits, which need none.
        return json.dumps(val, ensure_ascii=False)

    @classmethod
    def translate_bool(cls, val):
        return "true" if val else "false"

    @classmethod
    def translate_int(cls, val):
        return str(int(val))

    @classmethod
    def translate_float(cls, val):
        if not math.isfinite(val):
            raise BadParameter(f"a number has to be finite, not {float(val)}")
        return repr(float(val))

    @classmethod
    def translate_list(cls, val):
        return f"[]{cls.type_of(val)}{{{', '.join(map(cls.translate, val))}}}"

    @classmethod
    def translate_dict(cls, val):
        entries = (f"{cls.translate_str(str(key))}: {cls.translate(value)}" for key, value in val.items())
        return f"map[string]{cls.type_of(list(val.values()))}{{{', '.join(entries)}}}"

    @staticmethod
    def type_of(values) -> str:
        kinds = {type(value) for value in values}
        if kinds == {int, float}:
            kinds = {float}
        names = {bool: "bool", int: "int", float: "float64", str: "string"}
        return names.get(kinds.pop(), "any") if len(kinds) == 1 else "any"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()


class GoEngine(NBClientEngine):
    """Fails a cell with a magic that the kernel does not know, which GoNB only warns of."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **kwargs):
        return super().execute_managed_notebook(nb_man, kernel_name, on_cell_executed=fail_unknown_magic, **kwargs)


def fail_unknown_magic(cell, cell_index, execute_reply):
    for output in cell.outputs:
        if output.output_type == "stream" and re.match(r'"%\S*" unknown or not implemented yet', output.text):
            cell.outputs = [nbformat.v4.new_output("error", ename="Magic", evalue=output.text, traceback=[output.text])]
            raise CellExecutionError(output.text, "Magic", output.text)


class Whole(int):
    text = ""


class Real(float):
    text = ""


def number_with_its_text(text: str, resolve=papermill.cli._resolve_type):
    """What -p gives, which papermill reads as a number where it can: for a string, 007 stays 007."""
    value = resolve(text)
    kind = {int: Whole, float: Real}.get(type(value))
    if kind:
        value = kind(value)
        value.text = text
    return value


papermill_translators.register("go", GoTranslator)
papermill_engines.register(None, GoEngine)

if __name__ == "__main__":
    papermill.cli._resolve_type = number_with_its_text
    try:
        # A notebook of VS Code may not say its language.
        papermill.cli.papermill(default_map={"language": "go"})
    except BadParameter as err:
        sys.exit(f"evident: {err}")
