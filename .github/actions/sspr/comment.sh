#!/usr/bin/env bash
# Keeps one comment on the pull request: the one that begins with the plan's own first line, a hidden marker with
# the file's name. A comment that says the same already is left alone, so that nobody is notified of nothing.
set -euo pipefail

marker=$(head -n 1 "$MARKDOWN")
comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
body="$RUNNER_TEMP/sspr-comment.md"
# GitHub refuses more than 65,536 characters.
if [ "$(wc -c < "$MARKDOWN")" -gt 60000 ]; then
  { head -c 60000 "$MARKDOWN" | sed '$d'; printf '\n\n… cut here; the whole plan is on the page of the run.\n'; } > "$body"
else
  cp "$MARKDOWN" "$body"
fi

# Only a bot's: anybody may write a comment that begins like ours.
mine=$(gh api --paginate "$comments" | jq -s --arg marker "$marker" \
  'add // [] | map(select(.user.type == "Bot" and (.body | split("\n")[0] | rtrimstr("\r")) == $marker)) | first // empty')
if [ -z "$mine" ]; then
  gh api --silent --method POST "$comments" -F "body=@$body"
  exit 0
fi
if jq -e --rawfile body "$body" '(.body | gsub("\r"; "") | rtrimstr("\n")) == ($body | rtrimstr("\n"))' <<< "$mine" >/dev/null; then
  exit 0
fi
id=$(jq -r .id <<< "$mine")
gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$body"
