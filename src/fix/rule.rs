//! A rule: what it is called, what it promises, and the function that finds.

use serde::{Deserialize, Serialize};

use super::{Change, Effect, Findings, RuleOption, Values, context::Context};

/// Who applies a fix. Ordered: a mode applies all fixes that are at least as safe as it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Nobody; shown with the diff that it would make.
    Suggest,
    /// `fix --unsafe`.
    Unsafe,
    /// `fix`.
    Safe,
}

/// What a rule is about; a selector like its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Package managers: what they are told, and what they leave behind.
    Packages,
    /// Which RUN does what.
    Layers,
    /// The form of single instructions.
    Instructions,
    /// CMD, ENTRYPOINT and HEALTHCHECK: what runs in the container.
    Commands,
    /// The words of shell text.
    Shell,
}

/// A rule. Its docs are the doc comment in its `rule!`.
pub struct Rule {
    /// Kebab case, names the bad pattern, reads well behind "ignore".
    pub name: &'static str,
    /// One line, without a full stop.
    pub summary: &'static str,
    /// Markdown: What it does, Why, Example, Safety and effect, See also.
    pub docs: &'static str,
    /// The release that brought the rule.
    pub since: &'static str,
    /// The group it belongs to.
    pub group: Group,
    /// The most that its fixes claim; a single fix may be less safe.
    pub safety: Safety,
    /// The most that its fixes do to the build.
    pub effect: Effect,
    /// What they change in it; nothing where the effect is `none`.
    pub changes: &'static [Change],
    /// Whether it runs without being selected.
    pub default: bool,
    /// What the rule can be told.
    pub options: &'static [RuleOption],
    /// The names of rules that undo what this one does, so that they can't be selected together with it.
    pub conflicts: &'static [&'static str],
    /// The same finding's ids in other tools: `DL3025`, `JSONArgsRecommended`, …
    pub ids: &'static [&'static str],
    /// Looks at a document and reports.
    pub run: fn(&Context<'_>, &mut Findings),
}

impl Rule {
    /// What a rule is where it says nothing else.
    pub const PLAIN: Rule = Rule {
        name: "",
        summary: "",
        docs: "",
        since: "",
        group: Group::Instructions,
        safety: Safety::Suggest,
        effect: Effect::None,
        changes: &[],
        default: false,
        options: &[],
        conflicts: &[],
        ids: &[],
        run: |_, _| {},
    };

    /// The option of that name.
    pub fn option(&self, name: &str) -> Option<&'static RuleOption> {
        self.options.iter().find(|it| it.name == name)
    }

    /// Whether a word is its name or an id of it, in any case.
    pub fn answers_to(&self, word: &str) -> bool {
        self.name.eq_ignore_ascii_case(word) || self.ids.iter().any(|id| id.eq_ignore_ascii_case(word))
    }

    /// All that is to be said of the rule, as Markdown under a heading with its name.
    pub fn page(&self) -> String {
        let default = if self.default { "on" } else { "off" };
        let mut page = format!("# {}\n\n{}.\n\n", self.name, self.summary);
        // The doc comment's lines begin with the blank behind its slashes.
        for line in self.docs.trim_end().lines() {
            page.push_str(line.strip_prefix(' ').unwrap_or(line));
            page.push('\n');
        }
        for (nth, option) in self.options.iter().enumerate() {
            page.push_str(if nth == 0 { "\n## Options\n" } else { "" });
            let values = match &option.values {
                Values::Words(words) => words.iter().map(|it| format!("`\"{it}\"`")).collect::<Vec<_>>().join(" or "),
                Values::Number { range, default } => {
                    format!("`{default}`, or from {} to {}", range.start(), range.end())
                }
            };
            page.push_str(&format!("* `{}` = {values}: {}.\n", option.name, option.about));
        }
        page.push_str(&format!(
            "\nGroup: {}. Safety: {}. Effect on the build: {}. By default {default}. Since {}.\n",
            self.group, self.safety, self.effect, self.since
        ));
        if !self.conflicts.is_empty() {
            page.push_str(&format!(
                "Not together with: {}. Groups and `all` leave it out.\n",
                self.conflicts.join(", ")
            ));
        }
        if !self.ids.is_empty() {
            page.push_str(&format!("Elsewhere: {}.\n", self.ids.join(", ")));
        }
        page
    }
}

impl Safety {
    /// All of them, the safest first.
    pub const ALL: [Safety; 3] = [Safety::Safe, Safety::Unsafe, Safety::Suggest];
}

impl Group {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Group; 5] = [Group::Packages, Group::Layers, Group::Instructions, Group::Commands, Group::Shell];
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Rule").field(&self.name).finish()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

macro_rules! as_str {
    ($($ty:ident { $($variant:ident => $text:literal),+ $(,)? })+) => {$(
        impl $ty {
            /// The word for it, as settings and reports write it.
            pub fn as_str(self) -> &'static str {
                match self { $($ty::$variant => $text),+ }
            }
        }
        impl std::fmt::Display for $ty {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

as_str! {
    Safety { Suggest => "suggest", Unsafe => "unsafe", Safe => "safe" }
    Group {
        Packages => "packages",
        Layers => "layers",
        Instructions => "instructions",
        Commands => "commands",
        Shell => "shell",
    }
}

/// Declares a rule with its doc comment as its docs.
macro_rules! rule {
    ($(#[doc = $doc:literal])* pub static $id:ident = { $($field:ident: $value:expr,)* };) => {
        #[doc = "The rule of this file; its docs say what it does."]
        #[allow(clippy::needless_update, reason = "a rule may also say everything")]
        pub(super) static $id: $crate::fix::Rule =
            $crate::fix::Rule { $($field: $value,)* docs: concat!($($doc, "\n",)*), ..$crate::fix::Rule::PLAIN };
    };
}
pub(crate) use rule;
