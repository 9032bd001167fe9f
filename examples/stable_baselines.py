"""PPO of Stable-Baselines3 learns to plan: which tool, on what, when to answer. `pip install stable-baselines3`, then run it.

    python examples/stable_baselines.py --steps 60000 --seeds 0 1 2

It prints the mean reward (`result`: how far every requirement is met) of random and of trained choices on tasks drawn
with other seeds, with its standard error over tasks.
"""

import argparse
from functools import partial

import gymnasium
import numpy as np
from stable_baselines3 import PPO
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env

import visgenenv as vg

TYPES = ["product_images", "xiaohongshu_covers", "realistic_photography"]
TOOLS = [
    f"tool_{name}"
    for name in ("text2image_gemini", "text2image_seed", "image_edit_gemini", "image_analysis", "search_content", "task_manager")
]
MAX_TURNS = 6


def make() -> vg.StructuredActions:
    what = {"task_types": TYPES, "tools": TOOLS, "reward": "result", "max_turns": MAX_TURNS, "system_prompt": "none"}
    return vg.StructuredActions(gymnasium.make("VisGenEnv-Image-v0", **what))


def measure(choose, episodes: int = 300) -> tuple[float, float]:
    """Mean reward and its standard error on tasks 100,000, 100,001, …"""
    env, rewards = make(), []
    for seed in range(100_000, 100_000 + episodes):
        observation, _ = env.reset(seed=seed)
        ended = False
        while not ended:
            chosen = choose(observation)
            action = chosen[0] if isinstance(chosen, tuple) else chosen
            observation, reward, terminated, truncated, _ = env.step(action)
            ended = terminated or truncated
        rewards.append(reward)
    return float(np.mean(rewards)), float(np.std(rewards) / np.sqrt(episodes))


def train(seed: int, steps: int) -> PPO:
    """PPO with short rollouts and large steps: episodes have at most six actions."""
    envs = make_vec_env(make, 8, seed=seed)
    model = PPO("MlpPolicy", envs, n_steps=64, batch_size=128, learning_rate=1e-3, ent_coef=0.01, seed=seed, device="cpu")
    return model.learn(steps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    check_env(make(), skip_render_check=True)
    space = make().action_space
    space.seed(0)
    print("random: {:.3f} ± {:.3f}".format(*measure(lambda _: space.sample())), flush=True)
    for seed in options.seeds:
        model = train(seed, options.steps)
        reward, error = measure(partial(model.predict, deterministic=True))
        print(f"PPO, seed {seed}: {reward:.3f} ± {error:.3f}", flush=True)


if __name__ == "__main__":
    main()
