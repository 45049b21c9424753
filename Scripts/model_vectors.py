#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train small models with LightGBM and XGBoost and write what they answer: Tests/Vectors/models.

Usage: model_vectors.py FOLDER        (PyPI: lightgbm 4.7.0, xgboost-cpu 3.2.0, scikit-learn 1.9.1, numpy)

For each model NAME.txt or NAME.json as the library saved it, and NAME.vectors.json with inputs, margins and contributions.
Numbers are the 16 hexadecimal digits of a double, so that nothing is lost on the way. The data is made here from a fixed
seed and is nobody's.
"""
import json
import os
import struct
import sys

import lightgbm
import numpy
import sklearn
import sklearn.linear_model
import xgboost

NAMES = ["amount", "hour", "ratio", "category", "share"]


def bits(value):
    return struct.pack(">d", float(value)).hex()


def data(seed, rows, missing):
    random = numpy.random.default_rng(seed)
    x = numpy.column_stack([
        random.gamma(2.0, 40.0, rows), random.integers(0, 24, rows), random.exponential(1.0, rows),
        random.integers(0, 40, rows), numpy.where(random.random(rows) < 0.7, 0.0, random.random(rows)),
    ]).astype(float)
    logit = x[:, 0] / 80 + x[:, 2] - 3 + 2 * x[:, 4] + numpy.where(numpy.isin(x[:, 3], [3, 7, 35]), 2.0, 0.0)
    y = (random.random(rows) < 1 / (1 + numpy.exp(-logit))).astype(int)
    x[random.random(x.shape) < missing] = numpy.nan
    return x, y


def inputs(x):
    """Rows of the data, and rows on edges: zeros, tiny, negative, huge, unknown categories, nothing known."""
    edges = numpy.array([
        [0, 0, 0, 0, 0], [1e-36, -1e-36, 2e-35, 1e-30, -0.0], [-5, 30, 1e9, 99, 2], [1e30, 12, -1e30, -1, 0.5],
        [numpy.nan] * 5, [12.5, numpy.nan, 0.1, 35, numpy.nan], [80, 23, 1, 3.7, 1], [80, 23, 1, 1e6, 1],
    ], dtype=float)
    return numpy.vstack([x[:42], edges])


def write(folder, name, model, rows, margins, contributions, source):
    with open(os.path.join(folder, name + ".vectors.json"), "w") as file:
        json.dump({
            "source": source, "model": model,
            "inputs": [[bits(v) for v in row] for row in rows],
            "margins": [bits(v) for v in margins],
            "contributions": [[bits(v) for v in row] for row in contributions],
        }, file, indent=0)
        file.write("\n")


def light(folder, name, settings, x, y, categorical=(), trees=12):
    settings = dict({"objective": "binary", "num_leaves": 7, "min_data_in_leaf": 10, "seed": 1, "verbose": -1,
                     "num_threads": 1, "deterministic": True}, **settings)
    set_ = lightgbm.Dataset(x, y, feature_name=NAMES, categorical_feature=list(categorical),
                            params={"zero_as_missing": settings.get("zero_as_missing", False)})
    booster = lightgbm.train(settings, set_, trees)
    booster.save_model(os.path.join(folder, name + ".txt"))
    rows = inputs(x)
    margins, contributions = booster.predict(rows, raw_score=True), booster.predict(rows, pred_contrib=True)
    if settings.get("boosting") == "rf":
        # The library averages a random forest's trees on the way to the probability only.
        margins, contributions = margins / trees, contributions / trees
    probabilities = 1 / (1 + numpy.exp(-settings.get("sigmoid", 1) * margins))
    assert numpy.allclose(booster.predict(rows), probabilities, rtol=1e-12, atol=0)
    write(folder, name, name + ".txt", rows, margins, contributions, "LightGBM " + lightgbm.__version__)


def boost(folder, name, settings, x, y, categorical=()):
    settings = dict({"objective": "binary:logistic", "max_depth": 3, "seed": 1, "nthread": 1, "tree_method": "hist"},
                    **settings)
    types = ["c" if index in categorical else "q" for index in range(x.shape[1])]
    matrix = lambda v, labels=None: xgboost.DMatrix(v, labels, feature_names=NAMES, feature_types=types,
                                                    enable_categorical=True)
    booster = xgboost.train(settings, matrix(x, y), 12)
    booster.save_model(os.path.join(folder, name + ".json"))
    rows = inputs(x)
    if categorical:
        rows[rows[:, 3] != numpy.floor(rows[:, 3]), 3] = numpy.nan
        rows[(rows[:, 3] < 0) | (rows[:, 3] >= 40), 3] = 39
    write(folder, name, name + ".json", rows, booster.predict(matrix(rows), output_margin=True),
          booster.predict(matrix(rows), pred_contribs=True), "XGBoost " + xgboost.__version__)


def logistic(folder, x, y):
    """Weights of standardised features, C = 1: what training has to find."""
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    fit = sklearn.linear_model.LogisticRegression(C=1, solver="newton-cholesky", tol=1e-12, max_iter=100).fit(scaled, y)
    with open(os.path.join(folder, "logistic.vectors.json"), "w") as file:
        json.dump({
            "source": "scikit-learn " + sklearn.__version__, "inputs": [[bits(v) for v in row] for row in x],
            "labels": [int(v) for v in y], "bias": bits(fit.intercept_[0]), "weights": [bits(v) for v in fit.coef_[0]],
        }, file, indent=0)
        file.write("\n")


def main():
    folder = sys.argv[1]
    x, y = data(1, 1500, 0.0)
    gaps, labels = data(2, 1500, 0.1)
    light(folder, "lightgbm-plain", {}, x, y)
    light(folder, "lightgbm-missing", {}, gaps, labels)
    light(folder, "lightgbm-zero", {"zero_as_missing": True}, gaps, labels)
    light(folder, "lightgbm-categories", {"min_data_per_group": 5, "cat_smooth": 1, "max_cat_to_onehot": 2}, gaps, labels,
          categorical=[3])
    light(folder, "lightgbm-sigmoid", {"sigmoid": 0.7, "learning_rate": 0.3}, x, y)
    light(folder, "lightgbm-forest", {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, gaps, labels)
    light(folder, "lightgbm-leaf", {"min_data_in_leaf": 5000}, x, y, trees=1)
    boost(folder, "xgboost-plain", {}, x, y)
    boost(folder, "xgboost-missing", {"base_score": 0.2, "eta": 0.1, "max_depth": 5}, gaps, labels)
    logistic(folder, x[:120], y[:120])
    boost(folder, "xgboost-categories", {"max_cat_to_onehot": 2}, gaps, labels, categorical=[3])


if __name__ == "__main__":
    main()
