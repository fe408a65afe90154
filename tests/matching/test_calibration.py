"""Scores beside what turned out to be relevant: counted, drawn, and learnt from."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backend.matching.evaluation.calibration import reliability
from backend.matching.evaluation.diagram import reliability_diagram
from backend.matching.evaluation.evaluate import Evaluation
from backend.matching.evaluation.fitting import CONSTANTS, Fitted, fitted, regression, report
from backend.matching.evaluation.folder import Judgements
from backend.matching.evaluation.pipeline import Shown

SVG = "{http://www.w3.org/2000/svg}"


def test_a_score_that_means_what_it_says_has_no_error() -> None:
    told = reliability([(0.8, True)] * 8 + [(0.8, False)] * 2)
    assert told["expected_calibration_error"] == 0
    assert told["near_0.8"] == {"count": 10, "mean_score": 0.8, "share_relevant": 0.8}


def test_the_error_is_the_mean_distance_over_all_pairs() -> None:
    told = reliability([(0.9, False)] * 3 + [(0.2, False)])
    assert told["expected_calibration_error"] == pytest.approx((3 * 0.9 + 0.2) / 4)


def test_a_score_of_one_falls_into_the_last_bin() -> None:
    assert [one["count"] for one in reliability([(1.0, True), (0.0, False)])["bins"]] == [1, *[0] * 8, 1]


def test_nothing_shown_is_no_error() -> None:
    told = reliability([])
    assert (told["pairs"], told["expected_calibration_error"], len(told["bins"])) == (0, None, 10)


def test_the_diagram_can_be_read_without_seeing_it_and_names_the_folders() -> None:
    one = reliability([(0.8, True), (0.3, False)])
    root = ET.fromstring(reliability_diagram(one, {"a & b": one, "c": one}))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    described = root.find(f"{SVG}desc")
    assert described is not None
    assert "0.8 to 0.9: 1.00 of 1" in (described.text or "")
    assert {"a & b", "c"} <= {element.text for element in root.iter(f"{SVG}text")}


def test_a_diagram_of_nothing_is_drawn() -> None:
    assert "no pairs" in reliability_diagram(reliability([]), {})


def drawn(slopes: list[float], start: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(7)
    features = generator.normal(size=(count, len(slopes)))
    chances = 1 / (1 + np.exp(-(start + features @ np.array(slopes))))
    return features, (generator.random(count) < chances).astype(float)


def test_the_regression_finds_the_numbers_that_made_the_answers() -> None:
    features, relevant = drawn([2.0, 0.5], -1.0)
    ones = np.ones(len(features))
    start, slopes = regression(features, relevant, offsets=0 * ones, weights=ones, ridge=1e-6)
    assert start == pytest.approx(-1.0, abs=0.1)
    assert slopes == pytest.approx([2.0, 0.5], abs=0.1)


def test_no_slope_is_below_zero() -> None:
    features, relevant = drawn([2.0, -1.0], 0.0)
    ones = np.ones(len(features))
    _, slopes = regression(features, relevant, offsets=0 * ones, weights=ones)
    assert slopes[1] == 0.0
    assert slopes[0] is not None
    assert slopes[0] > 1


def test_what_never_varies_is_left_as_it_is() -> None:
    features, relevant = drawn([2.0], 0.0)
    ones = np.ones(len(features))
    _, slopes = regression(np.column_stack([features, ones]), relevant, offsets=0 * ones, weights=ones)
    assert slopes[1] is None


def test_what_separates_completely_keeps_a_finite_slope() -> None:
    relevant = np.array([0.0] * 50 + [1.0] * 50)
    _, (slope,) = regression(relevant[:, None], relevant, offsets=np.zeros(100), weights=np.ones(100))
    assert slope is not None
    assert 0 < slope < 100


def evaluation(name: str, strength: float) -> Evaluation:
    """Forty queries with a right answer that is `strength` above a wrong one."""
    queries = [{"id": f"q{at}", "text": "?"} for at in range(40)]
    effects = [{"text_similarity": 1 + strength + at / 40, "cross_border": 0.1} for at in range(40)]
    wrong = [{"text_similarity": 1.5 + at / 40, "cross_border": 0.1} for at in range(40)]
    shown = [[Shown("right", 0.5, effects[at]), Shown("wrong", 0.5, wrong[at])] for at in range(40)]
    grades = {query["id"]: {"right": 1} for query in queries}
    return Evaluation(Judgements(name, [], queries, grades), shown, {})


def test_the_numbers_are_learnt_and_each_folder_judged_by_those_of_the_others() -> None:
    told = report([evaluation("one", 1.0), evaluation("two", 1.2)])
    assert set(told["fitted"]) == {"START", *CONSTANTS.values()}
    assert told["fitted"]["COSINE_WEIGHT"] > 0
    assert told["fitted"]["WORDS_WEIGHT"] == told["now"]["WORDS_WEIGHT"]
    assert told["held_out"]["one"]["constants"] != told["held_out"]["two"]["constants"]
    assert told["held_out"]["one"]["ndcg@10"] == 1.0


def test_one_factor_for_all_keeps_the_order_of_the_texts() -> None:
    learnt = fitted([evaluation("one", 1.0), evaluation("two", 1.2)], keep_order=True)
    assert len(set(learnt.factors.values())) == 1
    assert set(learnt.factors) == set(CONSTANTS)


def test_a_folder_counts_the_same_whatever_its_size() -> None:
    large, small = evaluation("large", 1.0), evaluation("small", 2.0)
    twice = Evaluation(
        Judgements("twice", [], [*large.judgements.queries] * 2, large.judgements.grades), [*large.shown] * 2, {}
    )
    assert fitted([twice, small]).start == pytest.approx(fitted([large, small]).start)


def test_a_fitted_chance_is_that_of_the_score_when_nothing_changes() -> None:
    from backend.matching.score import START

    same = Fitted(START, dict.fromkeys(CONSTANTS, 1.0))
    effects = {"text_similarity": 3.0, "cross_border": 0.1}
    assert same.chance(Shown("a", 0.0, effects)) == pytest.approx(1 / (1 + np.exp(-(START + 3.1))))
