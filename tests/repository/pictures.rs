//! The pictures of the README: what a terminal shows of a real run, words and colours, for a light and for a dark page.
//!
//! `SNAPSHOTS=overwrite cargo test pictures` makes them anew; look at what changed.

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};

use crate::common::{On, Scene, TODAY, Terminal, repository};

/// Text, background and the colours that are used, for one kind of page.
struct Look {
    name: &'static str,
    text: u32,
    background: u32,
    /// What is beside the point: readable all the same.
    dim: u32,
    red: u32,
    green: u32,
    yellow: u32,
    cyan: u32,
}

/// Those of GitHub's pages, dark enough and light enough to be read there.
const LOOKS: [Look; 2] = [
    Look {
        name: "dark",
        text: 0xe6_edf3,
        background: 0x0d_1117,
        dim: 0x91_98a1,
        red: 0xff_7b72,
        green: 0x3f_b950,
        yellow: 0xd2_9922,
        cyan: 0x39_c5cf,
    },
    Look {
        name: "light",
        text: 0x1f_2328,
        background: 0xf6_f8fa,
        dim: 0x59_636e,
        red: 0xcf_222e,
        green: 0x1a_7f37,
        yellow: 0x9a_6700,
        cyan: 0x1b_7c83,
    },
];

/// How it draws what is beside the point: on a light page that is hardly to be seen.
const DIMMED: &str = "opacity: 0.4;";

impl Look {
    fn draw(&self, screen: &str) -> String {
        let rgb = |colour: u32| {
            let [_, red, green, blue] = colour.to_be_bytes();
            RgbColor(red, green, blue)
        };
        let Self { text, background, red, green, yellow, cyan, .. } = *self;
        // In the order of ANSI; what nothing of ours has is the text's.
        let half = [text, red, green, yellow, text, text, cyan, text].map(rgb);
        let mut palette = [rgb(text); 16];
        palette[..8].copy_from_slice(&half);
        palette[8..].copy_from_slice(&half);
        let term = Term::new().palette(Palette(palette)).fg_color(Color::Rgb(rgb(text)));
        let drawn = term.bg_color(Color::Rgb(rgb(background))).render_svg(screen);
        assert!(drawn.contains(DIMMED), "{drawn}");
        drawn.replace(DIMMED, &format!("fill: #{:06x};", self.dim))
    }
}

/// What a terminal of a width shows of a run on a new sandbox, below the line that was typed.
fn screen(args: &[&str], columns: u16) -> String {
    let scene = Scene::new().example("pilot.yaml").env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    let today = TODAY.to_string();
    let all = [args, &["--no-progress", "--today", &today]].concat();
    let (shown, code) = Terminal::run(&scene, &all, On::ALL, columns).end();
    assert_eq!(code, 0, "{shown}");
    let typed = format!("\u{1b}[1m$ sspr {}\u{1b}[0m\n", args.join(" "));
    typed + shown.replace("\r\n", "\n").trim_end()
}

#[test]
fn the_pictures_of_the_readme_are_what_a_terminal_shows() {
    let screen = screen(&["plan", "pilot.yaml", "--sandbox"], 96);
    assert!(screen.contains("\u{1b}[3"), "there is no colour in it: {screen}");
    for look in &LOOKS {
        let path = repository(&format!("docs/pictures/plan-{}.svg", look.name));
        // As text: compared whole, colours included.
        snapbox::assert_data_eq!(
            look.draw(&screen),
            snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text))
        );
    }
}
