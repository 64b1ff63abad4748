//! Layout, held against the text before it, piece by piece.

use std::ops::ControlFlow;

use text_size::TextRange;

use super::{Effect, Fault, PassedOver, passed_over};
use crate::{
    format::{self, Piece},
    model::Document,
    syntax::{self, Parse, Reparser},
    text::EditSet,
    verify::{self, Relaid},
};

/// The edits that lay a document out, or only the instructions that `within` touches; no edits where the layout is
/// right. Those that would change what the document means are left out, and come back as faults. The error says why the
/// document is left alone. Never panics and never does IO.
pub fn layout(
    text: &str,
    options: &format::Options,
    within: Option<TextRange>,
) -> Result<(EditSet, Vec<Fault>), PassedOver> {
    layout_parsed(text, &syntax::parse(text), options, within, &mut Reparser::default())
}

/// As [`layout`], for a text that was parsed already. `reparser` may know other versions of it.
pub fn layout_parsed(
    text: &str,
    parse: &Parse,
    options: &format::Options,
    within: Option<TextRange>,
    reparser: &mut Reparser,
) -> Result<(EditSet, Vec<Fault>), PassedOver> {
    if let Some(why) = passed_over::reason(parse, text) {
        return Err(why);
    }
    let mut faults = Vec::new();
    let layout = lay_out(&Document::new(parse.clone()), text, options, within, &mut faults, reparser);
    Ok((layout.map(|it| it.edits).unwrap_or_default(), faults))
}

/// A document that was laid out.
pub(super) struct Layout {
    pub(super) edits: EditSet,
    pub(super) text: String,
    pub(super) document: Document,
    pub(super) relaid: Relaid,
}

/// Lays a document out, or only the instructions that `within` touches; `None` where nothing changes. A piece of the
/// layout that would change what the document means is left out, and reported.
pub(super) fn lay_out(
    document: &Document,
    text: &str,
    options: &format::Options,
    within: Option<TextRange>,
    faults: &mut Vec<Fault>,
    reparser: &mut Reparser,
) -> Option<Layout> {
    let is_meant = |it: &Piece| within.is_none_or(|within| it.is_instruction && touches(within, it.range));
    let mut sifter = Sifter { document, text, effect: layout_effect(options), reparser };
    let mut all = EditSet::default();
    // Pieces are disjoint: each instruction has its own, and the last stands between them.
    let _: ControlFlow<()> = format::each_piece(document.parse(), text, options, |piece| {
        let _ = is_meant(&piece) && all.union(piece.edits);
        ControlFlow::Continue(())
    });
    if all.is_empty() {
        return None;
    }
    let checked = sifter.check(all).ok().or_else(|| {
        let mut pieces = format::format(document.parse(), text, options);
        pieces.retain(is_meant);
        let mut good = EditSet::default();
        sifter.sift(&pieces, &mut good, faults);
        // What is good piece by piece is looked at once more as a whole.
        match (!good.is_empty()).then(|| sifter.check(good))? {
            Ok(layout) => Some(layout),
            Err(message) => {
                faults.push(Fault { rule: None, range: document.parse().file().syntax().text_range(), message });
                None
            }
        }
    });
    checked.filter(|it| it.text != text)
}

/// Whether a document's layout would change anything: the first piece that does, and that leaves what the document
/// means as it is, decides.
pub(super) fn changes(
    document: &Document,
    text: &str,
    options: &format::Options,
    faults: &mut Vec<Fault>,
    reparser: &mut Reparser,
) -> bool {
    let mut sifter = Sifter { document, text, effect: layout_effect(options), reparser };
    let flow = format::each_piece(document.parse(), text, options, |piece| {
        match sifter.check(piece.edits) {
            Ok(layout) if layout.text != text => return ControlFlow::Break(true),
            Ok(_) => {}
            Err(message) => faults.push(Fault { rule: None, range: piece.range, message }),
        }
        if faults.len() < MAX_FAULTS { ControlFlow::Continue(()) } else { ControlFlow::Break(false) }
    });
    flow == ControlFlow::Break(true)
}

/// Whether a selection, which may be a mere place, has a part in an instruction.
fn touches(selection: TextRange, instruction: TextRange) -> bool {
    if selection.is_empty() {
        return instruction.contains_inclusive(selection.start());
    }
    selection.start() < instruction.end() && instruction.start() < selection.end()
}

/// The most that the layout may do to the build.
pub(super) fn layout_effect(options: &format::Options) -> Effect {
    if options.keep_cache { Effect::None } else { Effect::Rebuild }
}

/// So many faults of the layout in one file are looked for; the pieces among which there are more are left out.
const MAX_FAULTS: usize = 20;

/// What pieces of a layout are held against.
struct Sifter<'a> {
    document: &'a Document,
    text: &'a str,
    effect: Effect,
    reparser: &'a mut Reparser,
}

impl Sifter<'_> {
    /// The layout that some edits make; the error says what it changes beside.
    fn check(&mut self, edits: EditSet) -> Result<Layout, String> {
        let text = edits.apply(self.text);
        let document = Document::new(self.reparser.parse(&text));
        let relaid = verify::relaid(self.document, &document, self.effect)?;
        Ok(Layout { edits, text, document, relaid })
    }

    /// Adds the pieces that leave the document's meaning as it is to `good`, and reports the others. Halves that are
    /// good as a whole are not looked into.
    fn sift(&mut self, pieces: &[Piece], good: &mut EditSet, faults: &mut Vec<Fault>) {
        let mut edits = EditSet::default();
        let mut message = "two edits overlap".to_owned();
        if pieces.iter().all(|it| edits.union(it.edits.clone())) {
            match self.check(edits) {
                Ok(layout) if good.union(layout.edits.clone()) => return,
                Ok(_) => {}
                Err(difference) => message = difference,
            }
        }
        match pieces {
            [] => {}
            [piece, rest @ ..] if rest.is_empty() || faults.len() >= MAX_FAULTS => {
                faults.push(Fault { rule: None, range: piece.range, message });
            }
            _ => {
                let (left, right) = pieces.split_at(pieces.len() / 2);
                self.sift(left, good, faults);
                self.sift(right, good, faults);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const TEXT: &str = "from  a\n\n\n\nrun  b\nrun  c  \\\n&& d\n";

    /// What becomes of [`TEXT`] where the place of `from` to the place of `to` is selected.
    fn selected(from: &str, to: &str) -> String {
        let at = |word: &str| (TEXT.find(word).unwrap() as u32).into();
        let within = TextRange::new(at(from), at(to));
        let (edits, faults) = layout(TEXT, &format::Options::default(), Some(within)).unwrap();
        assert!(faults.is_empty());
        edits.apply(TEXT)
    }

    #[test]
    fn a_selection_is_widened_to_instructions_and_changes_nothing_else() {
        assert_eq!(selected("b", "b"), "from  a\n\n\n\nRUN b\nrun  c  \\\n&& d\n");
        assert_eq!(selected("&& d", "d\n"), "from  a\n\n\n\nrun  b\nRUN c \\\n    && d\n");
        assert_eq!(selected("b", "c"), "from  a\n\n\n\nRUN b\nRUN c \\\n    && d\n");
        assert_eq!(selected("\n\n\nrun", "\nrun"), TEXT);
        // Lines that are selected whole end where the next one begins.
        assert_eq!(selected("run  b", "run  c"), "from  a\n\n\n\nRUN b\nrun  c  \\\n&& d\n");
    }

    #[test]
    fn one_instruction_may_be_the_file() {
        let range = TextRange::up_to(1.into());
        let (edits, _) = layout("from  a", &format::Options::default(), Some(range)).unwrap();
        assert_eq!(edits.apply("from  a"), "FROM a");
    }

    #[test]
    fn what_is_passed_over_says_why() {
        let why = layout("FROM {{ image }}\n", &format::Options::default(), None).unwrap_err();
        assert!(matches!(why, PassedOver::Template(_)), "{why:?}");
    }
}
