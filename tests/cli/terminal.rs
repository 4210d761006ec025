//! On a terminal: questions that can be declined, lines that move and go, colours and links only where they help.

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{On, Scene, Terminal};

const QUESTION: &str = "? [y/N] ";
const WIDE: &str = "Type contoso.onmicrosoft.com to apply, anything else stops: ";

/// What is typed at the question, the code it leads to, and the last words.
const ANSWERS: [(&str, i32, &str); 7] = [
    ("y\n", 0, "Applied 1 change"),
    ("yes\n", 0, "Applied 1 change"),
    ("YES \n", 0, "Applied 1 change"),
    ("\n", 3, "Nothing was changed."),
    ("no\n", 3, "Nothing was changed."),
    ("yes please\n", 3, "Nothing was changed."),
    // Ctrl-D.
    ("\u{4}", 3, "Nothing was changed."),
];

#[test]
fn a_question_takes_yes_and_nothing_else_for_yes() {
    for (keys, code, last) in ANSWERS {
        let scene = Scene::new().file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n");
        let mut terminal = Terminal::run(&scene, &["apply", "--sandbox"], On::ALL, 100);
        terminal.wait_for(QUESTION);
        terminal.keys(keys);
        let (seen, ended) = terminal.end();
        assert!(ended == code && seen.contains(last), "{keys:?} led to {ended}\n{seen}");
        let cursor = seen.rfind(QUESTION).unwrap() + QUESTION.len();
        assert!(seen[cursor..].contains('\n'), "the cursor stays behind the question\n{seen}");
    }
}

/// On a terminal of 80 columns: what was planned, the question, a line for each write with its time, and the end.
#[test]
fn a_whole_apply_fits_a_terminal() {
    let scene = Scene::new().example("pilot.yaml").env("NO_COLOR", "1").env("TZ", "Europe/Berlin");
    let mut terminal = Terminal::run(&scene, &["apply", "--sandbox"], On::ALL, 80);
    terminal.wait_for(WIDE);
    terminal.keys("contoso.onmicrosoft.com\n");
    let (seen, code) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    let lines: Vec<&str> = seen.lines().map(str::trim_end).collect();
    // A path is copied whole, and an answer is the person's.
    let state = scene.path().display().to_string();
    let is_ours = |line: &&&str| !line.contains(&state) && !line.starts_with("Type ");
    let too_long = lines.iter().filter(is_ours).filter(|line| line.chars().count() > 80);
    assert_eq!(too_long.collect::<Vec<_>>(), Vec::<&&str>::new(), "{seen}");
    let writes: Vec<&&str> = lines.iter().filter(|line| line.starts_with("  ✓ ")).collect();
    assert_eq!(writes.len(), 4, "{seen}");
    assert!(writes.iter().all(|line| line.ends_with(" s")), "{seen}");
    let is_end = |line: &&&str| line.starts_with("Applied 8 changes; Contoso matches pilot.yaml (read back ");
    let end = lines.iter().find(is_end).unwrap_or_else(|| panic!("{seen}"));
    let after = lines.iter().skip_while(|line| *line != end).take(2).copied().collect::<Vec<_>>().join(" ");
    assert!(after.contains(" CET).") || after.contains(" CEST)."), "the time is local\n{seen}");
    let prompt = seen.split(WIDE).next().unwrap();
    assert!(prompt.contains("! \"Office phones\" reaches everyone who has Voice call."), "{seen}");
}

#[test]
fn ctrl_c_at_a_question_changes_nothing() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n");
    let mut terminal = Terminal::run(&scene, &["apply", "--sandbox"], On::ALL, 100);
    terminal.wait_for(QUESTION);
    terminal.interrupt();
    let (seen, code) = terminal.end();
    assert!(code == 3 && seen.contains("Nothing was changed."), "{code}\n{seen}");
    let _ = scene.run(&["plan", "--sandbox", "--detailed-exitcode"]).code(2);
}

#[test]
fn what_reaches_everyone_is_confirmed_with_the_tenants_domain() {
    for (keys, code) in [("yes\n", 3), ("contoso.com\n", 3), ("contoso.onmicrosoft.com\n", 0)] {
        let scene = Scene::new().file("pilot.yaml", "version: 1\nscope: all\n");
        let args = ["apply", "--sandbox", "--allow-all-users"];
        let mut terminal = Terminal::run(&scene, &args, On::ALL, 100);
        terminal.wait_for(WIDE);
        terminal.keys(keys);
        let (seen, ended) = terminal.end();
        assert_eq!(ended, code, "{keys:?}\n{seen}");
    }
}

#[test]
fn no_question_is_asked_without_a_terminal() {
    for on in [On { stdin: false, ..On::ALL }, On { stderr: false, ..On::ALL }] {
        let scene = Scene::new().file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n");
        let (seen, code) = Terminal::run(&scene, &["apply", "--sandbox"], on, 100).end();
        assert!(code == 3 && !seen.contains(QUESTION), "{on:?} {code}\n{seen}");
    }
    // Where JSON goes elsewhere, the question and what it is about are on the terminal all the same; so with -q.
    for args in [&["--format", "json"][..], &["-q"]] {
        let scene = Scene::new().file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n");
        let on = On { stdout: args == ["-q"], ..On::ALL };
        let mut terminal = Terminal::run(&scene, &[&["apply", "--sandbox"], args].concat(), on, 100);
        terminal.wait_for("Notify all admins");
        terminal.wait_for(QUESTION);
        terminal.keys("no\n");
        assert_eq!(terminal.end().1, 3);
    }
}

/// A tenant whose first answer takes so many milliseconds.
async fn slow(wait: u32) -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    sandbox.fail(format!("GET /v1.0/organization slow={wait} 1").parse().unwrap());
    let scene = Scene::against(&sandbox).env("TERM", "xterm");
    (sandbox, scene.file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_long_says_so_and_leaves_nothing_behind() {
    let (_sandbox, scene) = slow(3000).await;
    let seen = tokio::task::spawn_blocking(move || {
        let mut terminal = Terminal::run(&scene, &["plan"], On::ALL, 40);
        terminal.wait_for("reading the tenant");
        terminal.end()
    });
    let (seen, code) = seen.await.unwrap();
    assert_eq!(code, 0, "{seen}");
    let (_, after) = seen.rsplit_once("reading the tenant").unwrap();
    assert!(after.contains("\u{1b}[2K") && after.contains("1 change"), "the line is wiped\n{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_progress_line_without_a_terminal() {
    let mut runs = Vec::new();
    for (args, variable, on) in [
        (&["plan", "--no-progress"][..], None, On::ALL),
        (&["plan", "-q"], None, On::ALL),
        (&["plan"], Some(("CI", "true")), On::ALL),
        (&["plan"], Some(("TERM", "dumb")), On::ALL),
        (&["plan"], None, On { stderr: false, ..On::ALL }),
    ] {
        let (sandbox, scene) = slow(1500).await;
        let scene = variable.into_iter().fold(scene, |scene, (name, value)| scene.env(name, value));
        let run = tokio::task::spawn_blocking(move || Terminal::run(&scene, args, on, 100).end());
        runs.push((args, variable, sandbox, run));
    }
    for (args, variable, _sandbox, run) in runs {
        let (seen, code) = run.await.unwrap();
        assert!(code == 0 && !seen.contains("reading the tenant"), "{args:?} {variable:?}\n{seen}");
    }
}

#[test]
fn colours_and_links_are_for_terminals_that_have_them() {
    let scene = || Scene::new().file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n");
    let show = |scene: Scene| Terminal::run(&scene, &["plan", "--sandbox"], On::ALL, 100).end().0;
    let (bold, link) = ("\u{1b}[1m", "\u{1b}]8;;https://entra.microsoft.com/");
    let able = || scene().env("TERM", "xterm-256color").env("TERM_PROGRAM", "WezTerm");
    let seen = show(able());
    assert!(seen.contains(bold) && seen.contains(link), "{seen:?}");
    let seen = show(scene().env("TERM", "xterm-256color"));
    assert!(seen.contains(bold) && !seen.contains("]8;;"), "a terminal nobody knows of\n{seen:?}");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let seen = show(able().env(name, value));
        assert!(!seen.contains("]8;;") && !seen.contains("[1m"), "{name}\n{seen:?}");
    }
    // Into a file there are colours only where they are asked for, and never links.
    let forced = able().env("CLICOLOR_FORCE", "1").env("FORCE_HYPERLINK", "1").run(&["plan", "--sandbox"]);
    assert!(forced.stdout.contains(bold) && !forced.stdout.contains("]8;;"), "{forced}");
    assert!(!able().run(&["plan", "--sandbox"]).stdout.contains('\u{1b}'));
}

#[test]
fn the_log_has_colours_on_a_terminal_and_not_where_they_are_unwanted() {
    for (name, value, is_coloured) in
        [("TERM", "xterm", true), ("NO_COLOR", "1", false), ("TERM", "dumb", false)]
    {
        let scene = Scene::new().example("pilot.yaml").env("TERM", "xterm").env(name, value);
        let args = ["plan", "--sandbox", "-v", "--no-progress"];
        let on = On { stdout: false, ..On::ALL };
        let (seen, _) = Terminal::run(&scene, &args, on, 100).end();
        assert!(seen.contains("INFO") && seen.contains('\u{1b}') == is_coloured, "{name}={value}\n{seen}");
    }
}

#[test]
fn a_locale_without_our_letters_gets_what_looks_like_them() {
    let scene =
        Scene::new().file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n").env("LC_ALL", "C");
    let shown = scene.run(&["plan", "--sandbox"]).code(0);
    assert!(shown.stdout.contains("No -> Yes") && shown.stdout.is_ascii(), "{shown}");
    let page = scene.run(&["plan", "--sandbox", "--format", "markdown"]).code(0);
    assert!(page.stdout.contains(" → "), "what machines read is UTF-8 anywhere\n{page}");
}
