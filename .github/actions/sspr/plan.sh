#!/usr/bin/env bash
# Plans, puts the plan on the run's page, and hands on where it was saved. Ends with sspr's own code, except that
# pending changes are no failure.
set -euo pipefail

markdown="$RUNNER_TEMP/sspr-plan.md"
plan="$RUNNER_TEMP/sspr-plan.json"
# The log gets the plan and its annotations, the page and the comment the Markdown, the next step the saved plan.
arguments=(plan --detailed-exitcode --format github --markdown-into "$markdown" --out "$plan")
if [ "$SSPR_GRAPH_ONLY" = true ]; then
  arguments+=(--graph-only)
fi
# Words, and nothing a shell would make of them.
read -r -a except <<< "${SSPR_EXCEPT:-}"
for key in ${except[@]+"${except[@]}"}; do
  arguments+=("--except=$key")
done
if [ -n "${SSPR_MAX_PEOPLE:-}" ]; then
  arguments+=("--max-people=$SSPR_MAX_PEOPLE")
fi
# Word for word: whoever means a guard to be lifted says `true`.
if [ "${SSPR_ALLOW_ALL_USERS:-}" = true ]; then
  arguments+=(--allow-all-users)
fi
if [ "${SSPR_ALLOW_RAISING_REQUIRED:-}" = true ]; then
  arguments+=(--allow-raising-required)
fi
if [ "${SSPR_ALLOW_LOCKOUT:-}" = true ]; then
  arguments+=(--allow-lockout)
fi
rm -f "$markdown" "$plan"
code=0
sspr "${arguments[@]}" -- "$SSPR_FILE" || code=$?

if [ -s "$markdown" ]; then
  cat "$markdown" >> "$GITHUB_STEP_SUMMARY"
  echo "markdown=$markdown" >> "$GITHUB_OUTPUT"
fi
{
  echo "plan=$plan"
  if [ "$code" -eq 2 ]; then echo "changes=true"; else echo "changes=false"; fi
} >> "$GITHUB_OUTPUT"
if [ "$code" -eq 2 ]; then
  exit 0
fi
exit "$code"
