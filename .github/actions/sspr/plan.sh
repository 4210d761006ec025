#!/usr/bin/env bash
# Plans, puts the plan on the run's page, and hands on where it was saved. Ends with sspr's own code, except that
# pending changes are no failure.
set -euo pipefail

markdown="$RUNNER_TEMP/sspr-plan.md"
plan="$RUNNER_TEMP/sspr-plan.json"
# The log gets the plan and its annotations, the page and the comment the Markdown, the next step the saved plan.
arguments=(plan --detailed-exitcode --format github --markdown-into "$markdown" --out "$plan")
if [ -n "${SSPR_PORTAL_AGAINST:-}" ] && [ -e "$SSPR_PORTAL_AGAINST" ]; then
  arguments+=("--portal-against=$SSPR_PORTAL_AGAINST")
  if [ -n "${SSPR_MAX_AGE:-}" ]; then
    arguments+=("--max-age=$SSPR_MAX_AGE")
  fi
else
  if [ -n "${SSPR_PORTAL_AGAINST:-}" ]; then
    echo "::notice title=no-snapshot::There is no $SSPR_PORTAL_AGAINST, so the portal half is not planned: somebody who may read it runs sspr snapshot --out $SSPR_PORTAL_AGAINST, and commits the file."
  fi
  if [ "$SSPR_GRAPH_ONLY" = true ]; then
    arguments+=(--graph-only)
  fi
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
