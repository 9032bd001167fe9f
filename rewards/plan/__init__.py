"""How good the plan is: requirement fulfilment, and four facets that a judge reads in the first valid plan.

VisionCreator, plan reward (vPlanJudger): R_plan = requirement x mean(coherence, executable, atomic, optimal).
"""
