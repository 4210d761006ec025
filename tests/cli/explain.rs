//! `sspr explain`: each finding's section, from inside the program.

use serde_json::Value;
use snapbox::str;
use sspr::finding_docs::FindingDoc;
use sspr::render::explain;

use crate::common::{Scene, assert_shown};

#[test]
fn a_finding_is_explained_without_a_file_or_a_tenant() {
    assert_shown!(
        Scene::new().run(&["explain", "legacy-toggles-ignored"]),
        str![[r#"
legacy-toggles-ignored                                                      note
  Info. The tenant uses the Authentication methods policy and ignores the method toggles of password reset, so sspr does not write them. Security questions are the exception. See the two policies (docs/methods.md).

  To have it counted and no longer shown, write in the spec: accept: [legacy-toggles-ignored]
[exit status: 0]

"#]]
    );
    let shown = Scene::new().run(&["explain", "scope-all"]).code(0);
    assert!(!shown.stdout.contains("accept:"), "a guard is not accepted\n{shown}");
    let shown = Scene::new().run(&["explain", "explicit-registration"]).code(0);
    assert!(shown.stdout.contains("https://aka.ms/ssprsetup") && !shown.stdout.contains('<'), "{shown}");
    let page = Scene::new().run(&["explain", "changed-since", "--format", "markdown"]).code(0);
    assert!(page.stdout.contains("<!-- sspr:explain:changed-since -->\n"), "{page}");
}

#[test]
fn every_finding_is_listed_with_what_it_says() {
    let shown = Scene::new().run(&["explain"]).code(0);
    let json = Scene::new().run(&["explain", "--format", "json"]).code(0);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert!(findings.len() > 50, "{}", findings.len());
    for finding in findings {
        let (code, kind) = (finding["code"].as_str().unwrap(), finding["kind"].as_str().unwrap());
        let is_it = |line: &str| line.starts_with(&format!("{code} ")) && line.contains(kind);
        assert!(shown.stdout.lines().any(is_it), "{code}\n{shown}");
        let one: Value = serde_json::from_str(&explain::json(&FindingDoc::find(code).unwrap())).unwrap();
        assert_eq!((&one["format"], &one["kind"]), (&"sspr.finding/1".into(), &finding["kind"]), "{code}");
        // Nothing leads to a place that is only beside the page.
        let text = one["text"].as_str().unwrap();
        let targets = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
        for target in targets {
            assert!(target.starts_with("https://") || target.starts_with("docs/"), "{code}: {target}");
        }
    }
}

#[test]
fn an_unknown_finding_leads_to_the_nearest() {
    assert_shown!(
        Scene::new().run(&["explain", "tenant-wide-switches"]),
        str![[r#"
------- stderr -------
error: there is no finding `tenant-wide-switches`; did you mean `tenant-wide-switch`?
hint: `sspr explain` lists the findings
[exit status: 64]

"#]]
    );
    let shown = Scene::new().run(&["explain", "x", "--format", "json"]).code(64);
    let json: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&json["exit"], &json["error"]), (&64.into(), &"there is no finding `x`".into()));
}
