//! What is left for a person to click, where the tool keeps to Graph.

use std::fmt::Write as _;

use super::address::linked;
use crate::plan::PortalStep;
use crate::tenant::setting;
use crate::text::visible;

/// Returns the steps under the admin centre's pages.
pub fn portal_steps(steps: &[PortalStep]) -> String {
    if steps.is_empty() {
        return "The portal half was not read, and the spec manages nothing of it.\n".to_owned();
    }
    let mut text = String::from(
        "The portal half was neither read nor written; what it holds is unknown. Set there by hand, in the Entra \
         admin center\nunder Password reset:\n",
    );
    let mut page = "";
    for step in steps {
        if step.page != page {
            page = step.page;
            let address = setting(step.key).map(|setting| setting.page.url());
            let _ = writeln!(text, "  {}", address.map_or_else(|| page.to_owned(), |url| linked(page, &url)));
        }
        let _ = writeln!(text, "    {}: {}  [portal: {}]", step.label, visible(&step.value), step.key);
    }
    text
}
