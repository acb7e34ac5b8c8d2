"""A job that tells its tags: self_tags asks the agent, and is an empty list without one."""
import tagger

print("a job with", ", ".join(sorted(tagger.self_tags(tagger.LOW, wait=2.0))), flush=True)
