"""Rollout: what to build where and when, under a budget."""
