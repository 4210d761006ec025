//! What every command says of itself, on any terminal.

use std::collections::BTreeMap;

use crate::common::{Scene, repository};

/// What people come for, and what they type: the first thing on the page.
const TASKS: [(&str, &str); 33] = [
    ("try it, with nothing real", "sspr plan pilot.yaml --sandbox"),
    ("write a first file", "sspr init"),
    ("write down what the tenant has today", "sspr import pilot.yaml"),
    ("check a file without signing in", "sspr validate"),
    ("see what is missing: sign-ins, permissions, network", "sspr doctor"),
    (
        "check what sspr believes against [the portal's own traffic](evidence.md)",
        "sspr doctor --har portal.har",
    ),
    ("sign in with a registration of your own, once", "sspr login --setup"),
    ("see what would change, and for whom", "sspr plan"),
    ("have it reviewed first", "sspr plan --out plan.json"),
    ("do it", "sspr apply"),
    ("do what was reviewed, or nothing", "sspr apply plan.json"),
    ("do all but one thing", "sspr apply --except methods.allowed"),
    ("know how it stands, in a few lines", "sspr status"),
    ("know whether the tenant still is as the file says", "sspr verify"),
    ("walk one person through the test", "sspr verify --user ada@contoso.com --watch"),
    ("know who can reset, and who cannot and why", "sspr people"),
    ("know whom to nudge", "sspr people --only nudge"),
    ("show those who decide", "sspr report"),
    ("bring in [group after group](rollout.md)", "sspr rings"),
    ("check a file for many tenants without signing in", "sspr fleet validate"),
    ("see what would change in many tenants", "sspr fleet plan"),
    ("do it in all of them, wave after wave", "sspr fleet apply"),
    ("take up what the last run left", "sspr fleet apply --only-failed"),
    ("know how it stands in each of them", "sspr fleet status"),
    ("show that to those who decide", "sspr fleet report"),
    ("share the tenants among the jobs of a pipeline", "sspr fleet matrix --shards 8"),
    ("make one table of what those jobs did", "sspr fleet merge results"),
    ("switch password reset off", "sspr cleanup"),
    ("go back to before the first apply", "sspr cleanup --restore"),
    ("see what was applied from here", "sspr history"),
    ("undo the last run", "sspr rollback"),
    ("let an editor complete the file", "sspr schema --out pilot.schema.json"),
    ("let a shell complete the command line", "sspr completions bash"),
];

#[test]
fn every_task_is_a_command() {
    let scene = Scene::new();
    for (task, command) in TASKS {
        let words: Vec<&str> = command.split(' ').skip(1).chain(["--help"]).collect();
        assert_eq!(scene.run(&words).code, 0, "{task}: {command}");
    }
}

/// Returns every command's help by its words; the program's own under none.
fn all(columns: u16) -> BTreeMap<Vec<String>, String> {
    let scene = Scene::new().env("COLUMNS", &columns.to_string());
    let mut helps = BTreeMap::new();
    let mut open = vec![Vec::new()];
    while let Some(words) = open.pop() {
        let args: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
        let output = scene.program(&args).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{words:?}");
        let help = String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n");
        if columns >= 80 {
            open.extend(subcommands(&help).into_iter().map(|name| [words.clone(), vec![name]].concat()));
        }
        helps.insert(words, help);
    }
    helps
}

/// Returns the commands a help lists, above its options.
pub(super) fn subcommands(help: &str) -> Vec<String> {
    let list = help.split_once("\nOptions:").map_or(help, |(list, _)| list);
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split_once("  "));
    let names =
        names.map(|(name, _)| name.trim()).filter(|name| name.chars().all(|c| c.is_ascii_lowercase()));
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

/// `SNAPSHOTS=overwrite cargo test every_commands_help` writes the page anew; read what changed.
#[test]
fn every_commands_help_is_on_one_page() {
    let mut page = "# Commands\n\n| you want to | type |\n| --- | --- |\n".to_owned();
    TASKS.iter().for_each(|(task, command)| page.push_str(&format!("| {task} | `{command}` |\n")));
    page.push_str(
        "\nWhat `--help` says, command by command. The options of `sspr` itself are those of every command, and said \
         once.\n",
    );
    let helps = all(100);
    let shared = |help: &str| {
        let from = help.find("\nRun:\n").unwrap() + 1;
        let upto = help.find("\nExamples:\n").unwrap() + 1;
        (help[..from].to_owned(), help[from..upto].to_owned(), help[upto..].to_owned())
    };
    let of_all = shared(&helps[&Vec::new()]).1;
    for (words, help) in helps {
        let (own, options, examples) = shared(&help);
        assert_eq!(options, of_all, "{words:?}");
        let help = if words.is_empty() { help } else { own + &examples };
        let name = [vec!["sspr".to_owned()], words].concat().join(" ");
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        page.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()));
    }
    let path = repository("docs/commands.md");
    snapbox::assert_data_eq!(page, snapbox::Data::read_from(&path, None));
}

#[test]
fn every_command_shows_how_it_is_used() {
    let helps = all(100);
    assert!(helps.len() > 12, "{:?}", helps.keys());
    for (words, help) in helps {
        assert!(help.contains("\nExamples:\n"), "{words:?} has no example\n{help}");
        assert!(
            !help.contains('→') && help.is_ascii(),
            "{words:?}: help is ASCII, for any code page\n{help}"
        );
    }
}

#[test]
fn help_fits_terminals_from_40_to_200_columns() {
    let names: Vec<Vec<String>> = all(100).into_keys().collect();
    for columns in [40, 80, 200] {
        let scene = Scene::new().env("COLUMNS", &columns.to_string());
        for words in &names {
            for flag in ["--help", "-h"] {
                let args: Vec<&str> = words.iter().map(String::as_str).chain([flag]).collect();
                let help = String::from_utf8(scene.program(&args).output().unwrap().stdout).unwrap();
                for line in help.lines() {
                    // A word that is longer than the line cannot be broken, and clap keeps the usage in one line.
                    let is_whole = line.trim().split(' ').count() == 1 || line.starts_with("Usage: ");
                    assert!(line.chars().count() <= columns || is_whole, "{words:?} at {columns}: {line}");
                }
            }
        }
    }
}
