"""What is looked at before and after a run: does a reward, and did a run, pay for what was meant?"""
