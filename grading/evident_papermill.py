"""Papermill for Go notebooks: `python grading/evident_papermill.py IN.ipynb OUT.ipynb -p seed 7`.

Papermill writes the parameters into a cell behind the one with the tag `parameters`; this teaches it how Go writes
them. A variable that a notebook declares anew replaces the one before.
"""

import json
import math

from papermill.cli import papermill
from papermill.translators import Translator, papermill_translators


class GoTranslator(Translator):
    @classmethod
    def translate_none(cls, val):
        raise ValueError("Go has no value without a type: leave the parameter out")

    @classmethod
    def translate_str(cls, val):
        # The escapes of JSON are Go's too, but for characters beyond 16 bits, which need none.
        return json.dumps(val, ensure_ascii=False)

    @classmethod
    def translate_bool(cls, val):
        return "true" if val else "false"

    @classmethod
    def translate_int(cls, val):
        return str(val)

    @classmethod
    def translate_float(cls, val):
        if not math.isfinite(val):
            raise ValueError(f"a parameter has to be finite, not {val}")
        return repr(float(val))

    @classmethod
    def translate_list(cls, val):
        return f"[]{cls.type_of(val)}{{{', '.join(map(cls.translate, val))}}}"

    @classmethod
    def translate_dict(cls, val):
        entries = (f"{cls.translate_str(key)}: {cls.translate(value)}" for key, value in val.items())
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

    @classmethod
    def assign(cls, name, str_val):
        return f"var {name} = {str_val}"


papermill_translators.register("go", GoTranslator)

if __name__ == "__main__":
    papermill()
