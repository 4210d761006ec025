//! plan, apply, cleanup and validate as a user meets them, on the sandbox.

use snapbox::str;

use crate::common::{Scene, assert_shown};

#[test]
fn the_readme_road_from_plan_to_cleanup() {
    let scene = Scene::new().example("pilot.yaml");
    assert_shown!(
        scene.run(&["apply", "--sandbox", "--yes"]),
        str![[r#"
pilot.yaml → Contoso (contoso.onmicrosoft.com, 204a15ea-fa2c-550c-86c1-f84caa53d849)

Properties
  ~ Self service password reset enabled: None → Selected  [portal: scope]
  ~ Select group: no group → SSPR-Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73)  [portal: group]

Authentication methods
  ~ Number of methods required to reset: 2 → 1  [portal: methods.required]
  ~ Methods available to users: 5 methods
      + Office phone
      + Mobile app notification
      + Mobile app code  [portal: methods.allowed]

Registration
  ~ Require users to register when signing in: No → Yes  [portal: registration.required]

Notifications
  ~ Notify all admins when other admins reset their password: No → Yes  [portal: notifications.admins]

People
  8 people in the group, nested groups included

Findings
  warning sms-voice-retire [methods.allowed]: On 2027-02-01, SMS and voice delivered by Microsoft will be retired in the public cloud, password reset included.
      Do not build the pilot on phones alone: allow e-mail or the authenticator app beside them. https://learn.microsoft.com/entra/identity/authentication/concept-sms-voice-retirement
  info explicit-registration [registration.required]: On 2026-11-09, password reset came to accept only methods people registered themselves; numbers and addresses from the directory no longer count.
      Have the pilot's people register at https://aka.ms/ssprsetup. https://mc.merill.net/message/MC1325414
  info no-helpdesk [customization.helpdesk]: There is no helpdesk link; "Contact your administrator" mails the tenant's administrators.
      Microsoft recommends a helpdesk address or URL in `customization.helpdesk`.

Applied 6 changes; the tenant matches pilot.yaml.
Baseline: @@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@/baseline.json
Journal:  @@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@/journal.jsonl
Next:     let a test user who is no administrator register at https://aka.ms/ssprsetup and reset at https://aka.ms/sspr; `sspr cleanup` ends the pilot
          (all of this happened in the sandbox; `sspr sandbox reset` starts it over)
[exit status: 0]

"#]]
    );
}
