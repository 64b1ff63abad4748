//! Instructions that another one has swallowed, because the line before them ends with an escape character.

use text_size::TextSize;

use crate::{
    model::Model,
    syntax::{
        SyntaxKind::{self, HEALTHCHECK, ONBUILD, UNKNOWN},
        ast::Instruction,
    },
};

/// The starts of the instructions of which a line but the first seems to begin another one, in order.
pub(super) fn swallowing(text: &str, model: &Model) -> Vec<TextSize> {
    // A RUN with half of another instruction in it may well be one that no shell could read.
    let all = model.stages.iter().flat_map(|it| &it.instructions);
    let all = all.filter(|it| !matches!(it.kind(), ONBUILD | UNKNOWN)).filter(|it| swallows(text, it));
    all.map(|it| it.syntax().text_range().start()).collect()
}

fn swallows(text: &str, instruction: &Instruction) -> bool {
    text[instruction.syntax().text_range()]
        .lines()
        .skip(1)
        .any(|it| begins_instruction(instruction, it.trim_start_matches([' ', '\t', '&', '|'])).is_some())
}

/// The instruction that a line of another one seems to begin.
pub fn begins_instruction(instruction: &Instruction, line: &str) -> Option<SyntaxKind> {
    let line = Some(line).filter(|it| it.starts_with(|it: char| it.is_ascii_uppercase()))?;
    let (word, rest) = line.split_once([' ', '\t'])?;
    let kind = Some(SyntaxKind::from_keyword(word)).filter(|it| *it != UNKNOWN && it.keyword() == word)?;
    // HEALTHCHECK has a CMD of its own, and nothing is not an instruction.
    let own = instruction.kind() == HEALTHCHECK && kind == SyntaxKind::CMD;
    let rest = rest.trim();
    let nothing = rest.is_empty() || rest.starts_with(['=', '&', '|', ';', ')', '<', '>']);
    (!(own || nothing)).then_some(kind)
}
