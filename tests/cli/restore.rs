//! `cleanup --restore` as a user meets it, on the sandbox.

use snapbox::str;

use crate::common::{Scene, assert_shown};

#[test]
fn cleanup_restore_takes_back_what_apply_wrote() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    let _ = scene.run(&["cleanup", "--sandbox", "--yes"]).code(0);
    assert_shown!(
        scene.run(&["cleanup", "--restore", "--sandbox", "--yes"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

cleanup --restore → Contoso (contoso.onmicrosoft.com, 204a15ea-fa2c-550c-86c1-f84caa53d849)

Properties
  ~ Select group: SSPR-Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73) → no group  [portal: group]

Authentication methods
  ~ Number of methods required to reset: 1 → 2  [portal: methods.required]
  ~ SMS: on → off  [graph: methods.allowed]
      + all users, listed while it is off
      - SSPR-Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73)
  ~ Third-party software OATH tokens: on → off  [graph: methods.allowed]
      + all users, listed while it is off
      - SSPR-Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73)
  ~ Voice call: on → off; Office phones: Yes → No  [graph: methods.allowed]
      + all users, listed while it is off
      - SSPR-Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73)

Registration
  ~ Require users to register when signing in: Yes → No  [portal: registration.required]

Notifications
  ~ Notify all admins when other admins reset their password: Yes → No  [portal: notifications.admins]

Baseline: @@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@/baseline.json
Journal:  @@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@/journal.jsonl
Next:     `sspr history` shows what was done; `sspr apply` starts the pilot again
          (all of this happened in the sandbox; `sspr sandbox reset` resets it)

Applied 7 changes; all of sspr's changes to this tenant are rolled back: password reset is None.
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["cleanup", "--restore", "--sandbox", "--yes"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

cleanup --restore → Contoso (contoso.onmicrosoft.com, 204a15ea-fa2c-550c-86c1-f84caa53d849)

No changes: there is nothing to roll back; no earlier run is in effect: password reset is None. Nothing was written.
[exit status: 0]

"#]]
    );
}

#[test]
fn without_a_record_there_is_nothing_to_restore() {
    assert_shown!(
        Scene::new().run(&["cleanup", "--restore", "--sandbox", "--yes"]),
        str![[r#"
------- stderr -------
error: there is no record of any apply to this tenant in @@STATE@@/sandbox
Nothing was changed.
hint: run it on the machine that applied the pilot, or set SSPR_STATE_DIR to a copy of its records
hint: `sspr cleanup` without --restore sets password reset to None
[exit status: 3]

"#]]
    );
}
