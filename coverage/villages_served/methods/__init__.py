"""Methods of blank-spot rules, one module each (:func:`coverage.villages_served.rule_methods.rule_method`)."""
