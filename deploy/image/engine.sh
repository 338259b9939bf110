# Sourced by build and try: makes the array `engine` the command of an engine for containers that works here, or leaves it empty.
# shellcheck shell=bash
if [[ -n "${ENGINE:-}" ]]; then
  # shellcheck disable=SC2206  # several words in one variable, split on purpose
  engine=($ENGINE)
else
  engine=()
  for candidate in docker podman; do
    if command -v "$candidate" >/dev/null && "$candidate" info >/dev/null 2>&1; then
      engine=("$candidate")
      break
    fi
  done
fi
