"""What a reader predicts in one cell stands beside the verdict in the next, and is scored in the last. It lasts as long as the kernel."""

from processes import wait_for
from test_kernel import run

PREDICT = """import (
	"evident/kit/claim"
	"evident/kit/show"
)
%%
show.Predict("q1", 0.9, "q2", 0.8)"""

MEASURE = """import "evident/kit/claim"
%%
for id, verdict := range map[string]claim.Verdict{"q1": claim.Supported, "q2": claim.Refuted, "q3": claim.Supported} {
	show.Claims(claim.Claim{ID: id, Statement: "About " + id + ".", Kind: claim.Exact, Verdict: verdict, Recorded: verdict})
}"""

SCORE = "%%\nshow.Score()"


def shown(kernel, code: str, mime: str = "text/plain") -> list[str]:
    """The outputs of a cell in one form."""
    found = []

    def hook(message: dict) -> None:
        if text := message["content"].get("data", {}).get(mime):
            found.append(text)

    reply = kernel.client.execute_interactive(code, timeout=120, output_hook=hook)["content"]
    assert reply["status"] == "ok", reply
    return found


def test_predict_measure_score(kernels, place):
    kernel, other = kernels(), kernels()
    assert shown(kernel, PREDICT) == ["predicted: q1 90 %; q2 80 %"]
    cards = "".join(shown(kernel, MEASURE, "text/html"))
    assert sorted(part.split("<")[0] for part in cards.split("you: ")[1:]) == ["80 %", "90 %"], "q3 was not predicted"
    assert shown(kernel, '%%\nshow.Predict("q3", 0.4, "q1", 0.5)') == ["predicted: q3 40 %, after the verdict; q1 stays at 90 %, because its verdict was shown"]

    brier, chart, table, unscored = shown(kernel, SCORE)
    assert brier.startswith("Brier score 0.325 over 2 claims"), "(0.1² + 0.8²) / 2"
    assert chart.endswith("80–100 %: 2 claims, predicted 85 %, supported 50 %.")
    assert [line.split() for line in table.splitlines()[2:]] == [["q2", "80", "%", "refuted", "0.64", "About", "q2."]]
    assert unscored == "not scored: q3 (predicted after the verdict)"

    nothing = 'nothing was predicted yet: before a claim is measured, give its probability, as in show.Predict("q1", 0.7)'
    assert shown(other, 'import "evident/kit/show"\n' + SCORE) == [nothing], "another kernel"
    kernel.restart()
    assert shown(kernel, 'import "evident/kit/show"\n' + SCORE) == [nothing], "a restart clears them"
    kernel.stop()
    other.stop()
    wait_for(lambda: list(place.rglob("predictions*")) == [])


def test_a_wrong_prediction_is_one_line(kernel):
    status, _, error = run(kernel, PREDICT.replace("0.8", "80"))
    assert status == "error"
    assert error["evalue"] == 'show.Predict has the probability 80 for "q2": give a number from 0 to 1, as in 0.7 for 70 %'
    assert shown(kernel, SCORE)[0].startswith("nothing was predicted yet"), "nothing of a wrong call is noted"
