"""How good a policy is, and how sure we are: experiments, measures, their statistics and reports."""
