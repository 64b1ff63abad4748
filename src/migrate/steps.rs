//! The steps in which a file is changed, and what each does to the build.

use std::collections::BTreeMap;

use super::{
    digest,
    group::{By, LAYOUT, layout_of},
    plan::{Edit, Step},
};
use crate::{
    fix::{Effect, Job, Outcome, Rule, Safety, Versions},
    rules, text,
};

/// A text on the way from what a file is to what it is to be, and how it came about.
struct Station {
    /// The key of the group.
    key: String,
    text: String,
    /// All fixes since the beginning.
    applied: Vec<(&'static Rule, usize)>,
    /// Whether the layout has a part in it.
    layout: bool,
    /// The most that the step may do to the build, by what it is made of.
    most: Effect,
}

/// The steps that lead from a text to `outcome`, which is what `job` makes of it. `key` is that of the file's group,
/// where that does not depend on what is done; `versions` knows what was read on the way.
pub(super) fn steps(
    before: &str,
    job: &Job,
    outcome: &Outcome,
    versions: &mut Versions,
    (by, separate): (By, bool),
    key: &str,
) -> Vec<Step> {
    if outcome.text == before {
        return Vec::new();
    }
    let mut way = Way { before, job, outcome, versions, stations: Vec::new() };
    match by {
        By::Owner | By::Directory => way.at_once(key, separate),
        By::Effect => way.by_effect(separate),
        By::Rule => way.by_rule(),
    }
    way.steps()
}

struct Way<'a> {
    before: &'a str,
    job: &'a Job,
    outcome: &'a Outcome,
    versions: &'a mut Versions,
    stations: Vec<Station>,
}

impl Way<'_> {
    /// The text at which it has arrived.
    fn text(&self) -> &str {
        self.stations.last().map_or(self.before, |it| &it.text)
    }

    fn push(&mut self, key: &str, outcome: &Outcome, layout: bool, most: Effect) {
        if outcome.text != self.text() {
            let (text, applied) = (outcome.text.clone(), outcome.applied.clone());
            self.stations.push(Station { key: key.to_owned(), text, applied, layout, most });
        }
    }

    /// The last step, after which the file is what `fix` makes of it.
    fn arrive(&mut self, key: &str, layout: bool) {
        self.push(key, self.outcome, layout, self.job.max_effect);
    }

    fn at_once(&mut self, key: &str, separate: bool) {
        if !separate || self.job.format.is_none() {
            return self.arrive(key, self.outcome.formatted);
        }
        let rules = self.versions.run(self.before, &Job { format: None, ..self.job.clone() });
        self.push(key, &rules, false, self.job.max_effect);
        self.arrive(&layout_of(key), true);
    }

    /// What rebuilds nothing, then what rebuilds, then what changes the image. Rules of each kind are run on the text
    /// as it was, so that each step ends at what `fix --max-effect` makes of the file.
    fn by_effect(&mut self, separate: bool) {
        let apart = separate && self.job.format.is_some();
        for most in [Effect::None, Effect::Rebuild] {
            let mut job = Job { max_effect: most.min(self.job.max_effect), ..self.job.clone() };
            match &mut job.format {
                Some(_) if apart => job.format = None,
                // What remains is white space that is in no cache key.
                Some(options) if most == Effect::None => options.keep_cache = true,
                _ => {}
            }
            let part = self.versions.run(self.before, &job);
            // Rules are held to an effect against the text on which they ran. That is not the text at which this step
            // begins, so it is asked of that one too; if in doubt, the next step has it all.
            let from = self.text().to_owned();
            let mut honest = |from: &str| compare(self.versions, from, &part.text).0.is_none_or(|it| it <= most);
            if honest(self.before) && (from == self.before || honest(&from)) {
                let layout = part.formatted && (most == Effect::None || self.lays_out(&from));
                self.push(most.as_str(), &part, layout, most);
            }
        }
        if apart {
            let rules = self.versions.run(self.before, &Job { format: None, ..self.job.clone() });
            self.push(Effect::Image.as_str(), &rules, false, Effect::Image);
            return self.arrive(LAYOUT, true);
        }
        let known = self.stations.last().map(|it| it.applied.clone()).unwrap_or_default();
        let layout = self.outcome.formatted && more(&known, &self.outcome.applied).is_empty();
        self.arrive(Effect::Image.as_str(), layout);
    }

    /// Whether the layout alone would change a text.
    fn lays_out(&mut self, text: &str) -> bool {
        self.versions.run(text, &Job { format: self.job.format, ..Job::default() }).formatted
    }

    /// One rule after the other, in the order in which they run, and then the layout.
    fn by_rule(&mut self) {
        let applied: Vec<&'static Rule> =
            rules::ALL.iter().copied().filter(|it| self.outcome.applied.iter().any(|one| one.0 == *it)).collect();
        for (nth, last) in applied.iter().enumerate() {
            // The others still look: what they find keeps the comments that speak of it in use.
            let mut job = Job { format: None, ..self.job.clone() };
            let so_far = applied.get(..=nth).unwrap_or_default();
            for rule in job.rules.iter().filter(|it| !so_far.contains(it)) {
                job.settings.set_safety(rule, Safety::Suggest);
            }
            let part = self.versions.run(self.before, &job);
            self.push(last.name, &part, false, last.effect);
        }
        self.arrive(LAYOUT, self.job.format.is_some());
    }

    fn steps(self) -> Vec<Step> {
        let (mut text, mut applied) = (self.before, &Vec::new());
        let mut steps = Vec::new();
        for station in &self.stations {
            let (effect, steps_rebuilt) = compare(self.versions, text, &station.text);
            let edits = edits(text, &station.text);
            let (removed, added) = (lines(edits.iter().map(|it| it.0)), lines(edits.iter().map(|it| &*it.1.insert)));
            steps.push(Step {
                group: station.key.clone(),
                rules: more(applied, &station.applied),
                layout: station.layout,
                effect: effect.unwrap_or(station.most),
                verdict: effect.into(),
                steps_rebuilt,
                removed,
                added,
                edits: edits.into_iter().map(|it| it.1).collect(),
                sha256: digest::hex(&text::encode(&station.text)),
            });
            (text, applied) = (&station.text, &station.applied);
        }
        steps
    }
}

/// The fixes that are in `now` beyond those in `then`.
fn more(then: &[(&'static Rule, usize)], now: &[(&'static Rule, usize)]) -> BTreeMap<String, usize> {
    let known = |rule: &Rule| then.iter().find(|it| it.0 == rule).map_or(0, |it| it.1);
    let more = now.iter().map(|(rule, count)| (rule.name.to_owned(), count.saturating_sub(known(rule))));
    more.filter(|it| it.1 > 0).collect()
}

/// What a text does to the build of another: the effect, unless the files don't tell; and how many build steps get
/// another cache key.
fn compare(versions: &mut Versions, before: &str, after: &str) -> (Option<Effect>, usize) {
    let before = versions.get(before);
    let (steps_rebuilt, effect) = versions.get(after).rebuilt_since(&before);
    (effect, steps_rebuilt)
}

/// The edits of whole lines that make `after` of `before`, in bytes, each with what goes.
fn edits<'t>(before: &'t str, after: &str) -> Vec<(&'t str, Edit)> {
    let carries = text::has_raw(before);
    // A carried byte is one in the file, and four in the text.
    let place = |at: usize| if carries { text::encode(before.get(..at).unwrap_or(before)).len() } else { at };
    let edit = |it: text::Edit| {
        let (start, end) = (usize::from(it.range.start()), usize::from(it.range.end()));
        (before.get(start..end).unwrap_or_default(), Edit { start: place(start), end: place(end), insert: it.insert })
    };
    text::line_edits(before, after).into_iter().map(edit).collect()
}

fn lines<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts.map(|it| it.split_inclusive('\n').count()).sum()
}

/// The bytes after edits, or nothing where they are not those of these bytes.
pub(super) fn apply(bytes: &[u8], edits: &[Edit]) -> Option<Vec<u8>> {
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    for edit in edits {
        out.extend_from_slice(bytes.get(at..edit.start)?);
        // Also asks whether the range is one.
        bytes.get(edit.start..edit.end)?;
        out.extend_from_slice(&text::encode(&edit.insert));
        at = edit.end;
    }
    out.extend_from_slice(bytes.get(at..)?);
    Some(out)
}

/// The edits that take others back, once these have been made to `bytes`.
pub(super) fn inverse(bytes: &[u8], edits: &[Edit]) -> Option<Vec<Edit>> {
    let (mut gone, mut come) = (0, 0);
    let mut out = Vec::with_capacity(edits.len());
    for edit in edits {
        let (old, len) = (bytes.get(edit.start..edit.end)?, text::encode(&edit.insert).len());
        let start = edit.start + come - gone;
        out.push(Edit { start, end: start + len, insert: text::decode(old).into_owned() });
        gone += old.len();
        come += len;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{super::plan::Verdict, *};

    const TEXT: &str = "from  alpine:3.22 as base\nMAINTAINER me\nRUN apk add   curl\nENV a b\nCMD x\nCMD [\"y\"]\n";

    fn job() -> Job {
        let rules = rules::ALL.iter().copied().filter(|it| it.default).collect();
        Job { rules, fix: Some(Safety::Safe), format: Some(Default::default()), ..Job::default() }
    }

    /// The steps, with each text that they make.
    fn walk(text: &str, by: By, separate: bool) -> Vec<(Step, String)> {
        let (job, mut bytes, mut versions) = (job(), text.as_bytes().to_vec(), Versions::kept());
        let outcome = versions.run(text, &job);
        let steps = steps(text, &job, &outcome, &mut versions, (by, separate), "key");
        let walked: Vec<_> = steps
            .into_iter()
            .map(|step| {
                let after = apply(&bytes, &step.edits).unwrap();
                assert_eq!(digest::hex(&after), step.sha256);
                assert_eq!(apply(&after, &inverse(&bytes, &step.edits).unwrap()).unwrap(), bytes);
                bytes = after;
                (step, text::decode(&bytes).into_owned())
            })
            .collect();
        assert_eq!(bytes, text::encode(&outcome.text), "the last step is what fix makes");
        walked
    }

    fn groups(steps: &[(Step, String)]) -> Vec<&str> {
        steps.iter().map(|it| it.0.group.as_str()).collect()
    }

    #[test]
    fn one_step_or_the_layout_apart() {
        assert_eq!(groups(&walk(TEXT, By::Owner, false)), ["key"]);
        let apart = walk(TEXT, By::Directory, true);
        assert_eq!(groups(&apart), ["key", "key, layout"]);
        assert!(!apart[0].0.layout && apart[1].0.layout && apart[1].0.rules.is_empty());
        assert!(apart[1].0.effect <= Effect::Rebuild);
    }

    #[test]
    fn effects_rise_and_each_is_kept_to() {
        for separate in [false, true] {
            let steps = walk(TEXT, By::Effect, separate);
            for (step, _) in &steps {
                if step.group != LAYOUT {
                    assert!(step.effect.as_str() == step.group || step.effect < Effect::Image, "{step:?}");
                }
            }
            assert_eq!(groups(&steps).first(), Some(&"none"));
            assert_eq!(steps[0].0.verdict, Verdict::Same);
            assert_eq!(groups(&steps).contains(&LAYOUT), separate);
        }
    }

    #[test]
    fn rules_follow_each_other_in_their_order() {
        let steps = walk(TEXT, By::Rule, false);
        let groups = groups(&steps);
        assert_eq!(groups.last(), Some(&LAYOUT));
        let places: Vec<_> = groups.iter().map(|name| rules::ALL.iter().position(|it| it.name == *name)).collect();
        assert!(places[..places.len() - 1].is_sorted() && groups.len() > 3, "{groups:?}");
        for (step, _) in &steps[..steps.len() - 1] {
            assert!(step.rules.contains_key(&step.group), "{step:?}");
        }
    }

    #[test]
    fn a_comment_that_another_rule_needs_stays_on_the_way() {
        let text = "FROM a\nENV a b\nCMD x\n# dockfix: ignore[legacy-key-value]\nENV c d\n";
        for (_, text) in walk(text, By::Rule, false) {
            assert!(text.contains("ignore[legacy-key-value]"), "{text}");
        }
    }

    #[test]
    fn places_are_those_of_bytes() {
        let bytes = b"FROM a\n# caf\xE9\nENV a b\n# \xE9\nenv c \xE9\n";
        let before = text::decode(bytes);
        let job = job();
        let mut versions = Versions::kept();
        let outcome = versions.run(&before, &job);
        let mut now = bytes.to_vec();
        for step in steps(&before, &job, &outcome, &mut versions, (By::Rule, false), "") {
            let after = apply(&now, &step.edits).unwrap();
            assert_eq!(apply(&after, &inverse(&now, &step.edits).unwrap()).unwrap(), now);
            now = after;
        }
        assert_eq!(now, text::encode(&outcome.text));
        assert!(now.ends_with(b"\xE9\n"));
    }

    #[test]
    fn edits_of_other_bytes_are_refused() {
        let edit = |start, end| Edit { start, end, insert: String::new() };
        assert_eq!(apply(b"abc", &[edit(2, 4)]), None);
        assert_eq!(apply(b"abc", &[edit(2, 1)]), None);
        assert_eq!(apply(b"abc", &[edit(1, 2), edit(0, 1)]), None);
        assert_eq!(inverse(b"abc", &[edit(2, 4)]), None);
        assert_eq!(apply(b"abc", &[edit(1, 2)]).unwrap(), b"ac");
    }
}
