"""Decision methods, one module each (:func:`coverage.ranking.scoring.decision_method`)."""
