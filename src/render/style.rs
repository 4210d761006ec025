//! The few colours of the text forms: the same meaning has the same one everywhere.

use anstyle::{AnsiColor, Style};

/// A heading, or what matters in a line.
pub(super) const BOLD: Style = Style::new().bold();
/// Beside the point.
pub(super) const DIM: Style = Style::new().dimmed();
/// No, an error, something taken away.
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
/// Unknown, a warning, something changed.
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
/// Yes, done, something added.
pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();
/// Good to know.
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default();
