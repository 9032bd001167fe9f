"""How well the work was done: format, tool, result, coherence, consistency; a mean over what applies to the task.

VisionCreator, fine-grained reward: R_fine[R_tool + R_format + R_result + R_traj + R_cons], read as a mean.
"""
