#!/bin/sh
# A job that asks Claude about a change, in any CI or none. It needs claudepool and claude on PATH, a
# claudepool.toml in the project, and the tokens that this names in the environment.
set -eu

export CLAUDEPOOL_CONFIG="${CLAUDEPOOL_CONFIG:-$PWD/claudepool.toml}" # where CI=true is set it is found without
export CLAUDEPOOL_DB="${CLAUDEPOOL_DB:-$PWD/.claudepool/pool.db}"    # what a cache may keep
export CLAUDEPOOL_STRICT=1                                            # a broken pool fails the job
export CLAUDEPOOL_REPORT="${CLAUDEPOOL_REPORT:-claude-run.json}"
export CLAUDEPOOL_SUMMARY=1

prompt=${1:-Review the latest commit of this repository in five sentences.}

status=0
claudepool run -- -p "$prompt" --output-format json >claude-answer.json || status=$?
case $status in
0) echo "answer: claude-answer.json, record: $CLAUDEPOOL_REPORT" ;;
75) echo "every subscription is at its limit: try again later" >&2 ;;
78) echo "claudepool.toml or the environment is wrong: see the message above" >&2 ;;
esac
exit "$status"
