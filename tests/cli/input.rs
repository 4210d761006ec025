//! What the user names to be read: other encodings, standard input, and what is no file at all.

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

const SPEC: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n";

fn wide(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn every_command_reads_its_file_from_standard_input() {
    let scene = Scene::new();
    let run = |args: &[&str], stdin: &[u8]| {
        let output = scene.command(args).write_stdin(stdin).output().unwrap();
        scene.shown(&output)
    };
    let valid = run(&["validate", "-"], SPEC.as_bytes()).code(0);
    assert_eq!(valid.stdout, "- is a valid spec. Nothing was sent.\n");
    let bad = run(&["validate", "-"], b"version: 1\ngruop: x\n").code(65);
    assert!(bad.stderr.contains("-:2:1"), "{bad}");
    let plan = run(&["plan", "-", "--sandbox", "--out", "plan.json"], SPEC.as_bytes()).code(0);
    assert!(plan.stdout.contains("SSPR-Pilot"), "{plan}");
    let _ = run(&["apply", "-", "--sandbox", "--yes"], SPEC.as_bytes()).code(0);
    let _ = run(&["verify", "-", "--sandbox"], SPEC.as_bytes()).code(0);
    let _ = run(&["people", "-", "--sandbox"], SPEC.as_bytes()).code(0);
    let _ = run(&["report", "-", "--sandbox", "-o", "page.html"], SPEC.as_bytes()).code(0);
    let ringed = format!("{SPEC}rollout:\n  open: 0\n  rings:\n    - group: SSPR-Pilot-Branch\n");
    let rings = run(&["rings", "-", "--sandbox"], ringed.as_bytes()).to_string();
    assert!(rings.contains("SSPR-Pilot-Branch"), "{rings}");
    let doctor = run(&["doctor", "-", "--sandbox"], b"version: 1\ntenant: fabrikam.com\n").code(5);
    assert!(doctor.stdout.contains("fabrikam.com"), "{doctor}");
    let _ = run(&["cleanup", "-", "--sandbox", "--yes"], b"version: 1\ntenant: fabrikam.com\n").code(3);
    // The saved plan names the spec it was made from: standard input again.
    let _ = run(&["apply", "plan.json", "--sandbox", "--yes"], b"version: 1\n").code(3);
    let _ = run(&["apply", "plan.json", "--sandbox", "--yes"], SPEC.as_bytes()).code(0);
}

#[test]
fn the_words_of_other_programs_are_understood() {
    let scene = Scene::new().file("it.yaml", SPEC);
    let _ = scene.run(&["validate", "-f", "it.yaml"]).code(0);
    let plan = scene.run(&["plan", "--file=it.yaml", "--sandbox", "-o", "plan.json"]).code(0);
    assert!(plan.stdout.ends_with("Next: sspr apply plan.json --sandbox\n"), "{plan}");
    let applied = scene.run(&["apply", "-f", "plan.json", "--auto-approve", "--sandbox"]).code(0);
    assert!(applied.stdout.contains("Contoso matches it.yaml"), "{applied}");
    let _ = scene.run(&["verify", "-fit.yaml", "--sandbox"]).code(0);
    let _ = scene.run(&["cleanup", "-f", "it.yaml", "--auto-approve", "--sandbox"]).code(0);
    let twice = scene.run(&["plan", "it.yaml", "-f", "it.yaml"]).code(64);
    assert!(twice.stderr.contains("unexpected argument"), "{twice}");
    let _ = scene.run(&["history", "-f", "it.yaml"]).code(64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_and_a_plan_as_powershell_5_writes_them_are_read() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", wide(SPEC));
    let plan = scene.run(&["plan", "--format", "json"]).code(0).stdout;
    for (name, bytes) in [("wide.json", wide(&plan)), ("mark.json", format!("\u{feff}{plan}").into_bytes())] {
        let scene = Scene::against(&sandbox).file("pilot.yaml", wide(SPEC)).file(name, bytes);
        let shown = scene.run(&["apply", name, "--yes"]).code(0);
        assert!(shown.stdout.contains("Contoso matches pilot.yaml"), "{shown}");
    }
    let cut = wide(&plan)[..301].to_vec();
    let shown = Scene::against(&sandbox).file("cut.json", cut).run(&["apply", "cut.json", "--yes"]);
    assert_ne!(shown.code, 0, "{shown}");
}

#[test]
fn a_comment_glued_to_a_name_is_reported() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\ngroup: SSPR-Pilot #1 Europe\n");
    let said = "`group` is `SSPR-Pilot`, because YAML reads `#1 Europe` as a comment";
    for args in [&["validate"][..], &["plan", "--sandbox"], &["validate", "--format", "markdown"]] {
        let shown = scene.run(args).code(0);
        assert!(shown.stdout.contains("comment-in-value"), "{shown}");
    }
    let shown = scene.run(&["validate"]).code(0);
    assert!(
        shown.stdout.contains(said) && shown.stdout.contains("`group: 'SSPR-Pilot #1 Europe'`"),
        "{shown}"
    );
    let json = scene.run(&["validate", "--format", "json"]).code(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["valid"], true);
    assert_eq!(json["findings"][0]["message"], said);
    let github = scene.run(&["validate", "--format", "github"]).code(0);
    assert!(
        github.stdout.contains("::warning file=pilot.yaml,line=2,col=8,title=comment-in-value::"),
        "{github}"
    );
    let quoted = Scene::new().file("pilot.yaml", "version: 1\ngroup: 'SSPR-Pilot #1 Europe' #note\n");
    assert!(!quoted.run(&["validate"]).code(0).stdout.contains("comment-in-value"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_found_in_either_spelling_of_its_letters_and_twins_are_refused() {
    let (composed, decomposed) = ("Zo\u{eb}-Pilot", "Zoe\u{308}-Pilot");
    for (in_tenant, in_spec) in [(composed, decomposed), (decomposed, composed), (decomposed, decomposed)] {
        let mut tenant = TenantState::seeded(Seed::Fresh);
        let at = tenant.groups.iter().position(|group| group.name == "SSPR-Pilot").unwrap();
        tenant.groups[at].name = in_tenant.to_owned();
        let mut twin = tenant.groups[at].clone();
        let sandbox = Sandbox::start(tenant).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", format!("version: 1\ngroup: {in_spec}\n"));
        let _ = scene.run(&["plan"]).code(0);
        twin.id = uuid::Uuid::new_v4();
        twin.name = if in_tenant == composed { decomposed } else { composed }.to_owned();
        sandbox.edit(|tenant| tenant.groups.push(twin));
        let shown = scene.run(&["plan"]).code(3);
        assert!(shown.stderr.contains("groups"), "{shown}");
    }
}

#[cfg(unix)]
mod no_file {
    use super::*;

    fn pipe(scene: &Scene, name: &str) {
        assert!(
            std::process::Command::new("mkfifo").arg(scene.path().join(name)).status().unwrap().success()
        );
    }

    #[test]
    fn what_a_shell_hands_over_is_read_and_ends_with_the_time_limit() {
        let scene = Scene::new();
        let read =
            scene.command(&["validate", "/dev/fd/0", "--timeout", "60"]).write_stdin(SPEC).output().unwrap();
        let _ = scene.shown(&read).code(0);
        let mut runs = Vec::new();
        for file in ["-", "/dev/fd/0", "/dev/stdin"] {
            for command in ["validate", "plan", "apply"] {
                let mut run = scene.process(&[command, file, "--timeout", "1"]);
                run.stdin(std::process::Stdio::piped());
                run.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
                let mut run = run.spawn().unwrap();
                // Kept open: nothing is ever written to it.
                runs.push((run.stdin.take(), run));
            }
        }
        for (stdin, run) in runs {
            let shown = scene.shown(&run.wait_with_output().unwrap()).code(1);
            drop(stdin);
            assert!(shown.stderr.contains("the time limit of 1 s is over; nothing was changed"), "{shown}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn certificate_roots_that_are_no_files_are_refused_by_name() {
        let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
        std::fs::create_dir(scene.path().join("roots")).unwrap();
        pipe(&scene, "roots/ca.pem");
        let roots = scene.path().join("roots").display().to_string();
        let file = scene.path().join("roots/ca.pem").display().to_string();
        let scene = scene.env("SSL_CERT_DIR", &roots);
        let shown = scene.run(&["plan"]).code(1);
        assert!(
            shown.stderr.contains("SSL_CERT_DIR names @@FOLDER@@/roots/ca.pem, which is not a regular file"),
            "{shown}"
        );
        let scene = scene.env("SSL_CERT_DIR", "").env("SSL_CERT_FILE", &file);
        let shown = scene.run(&["plan"]).code(1);
        assert!(shown.stderr.contains("SSL_CERT_FILE names"), "{shown}");
    }

    #[test]
    fn too_few_files_to_open_are_reported_and_no_panic() {
        let scene = Scene::new().file("pilot.yaml", SPEC);
        let program = scene.process(&["plan", "--sandbox"]);
        for limit in 5..=20 {
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", &format!("ulimit -n {limit}; exec \"$0\" \"$@\"")]).arg(program.get_program());
            shell.args(program.get_args()).current_dir(scene.path()).env_clear();
            shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let shown = scene.shown(&shell.output().unwrap()).code(1);
            assert!(!shown.stderr.contains("panicked"), "{limit}: {shown}");
            assert!(shown.stderr.contains("may not open 24 files at once"), "{limit}: {shown}");
        }
    }
}
