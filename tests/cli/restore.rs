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

Plan for cleanup --restore: Contoso (contoso.onmicrosoft.com)            sandbox
  7 changes (4 settings, 3 methods)

Password reset > Properties                                               portal
  ~ Select group                               SSPR-Pilot → none

Password reset > Authentication methods                                   portal
  ~ Number of methods required to reset        1 → 2

Authentication methods policy                                              graph
  ~ SMS                                        on → off for SSPR-Pilot
  ~ Third-party software OATH tokens           on → off for SSPR-Pilot
  ~ Voice call                                 on → off for SSPR-Pilot
      Office phones                            Yes → No

Password reset > Registration                                             portal
  ~ Require users to register when signing in  Yes → No

Password reset > Notifications                                            portal
  ~ Notify all admins when other admins reset their password  Yes → No

  ✓ Password reset policy             4 settings
  ✓ SMS                               off
  ✓ Third-party software OATH tokens  off
  ✓ Voice call                        off, no Office phones

Record: @@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@

Applied 7 changes; all of sspr's changes to this tenant are rolled back: password reset is None.
Next: `sspr history --sandbox` shows what was done; `sspr apply pilot.yaml --sandbox` starts the pilot again
      (all of this happened in the sandbox; `sspr sandbox reset` resets it)
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["cleanup", "--restore", "--sandbox", "--yes"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for cleanup --restore: Contoso (contoso.onmicrosoft.com)            sandbox
  No changes

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
hint: `sspr cleanup --sandbox` without --restore sets password reset to None
[exit status: 3]

"#]]
    );
}
