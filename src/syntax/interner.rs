//! Equal parts of trees, made once.

use std::{cell::Cell, hash::Hasher};

use rowan::{GreenNode, GreenNodeData, GreenToken, GreenTokenData, NodeOrToken, SyntaxKind};
use rustc_hash::FxHasher;

/// A child of a node.
pub(super) type Element = NodeOrToken<GreenNode, GreenToken>;

/// Tokens and small nodes that were made lately. Each has one slot, from which it drives out what was there: equal
/// parts stand close to each other, and to look into a table that holds all of them costs more than it gains.
#[derive(Debug)]
pub(super) struct Interner {
    /// How many bytes of texts it has served.
    served: usize,
    bits: u32,
    tokens: Vec<Option<GreenToken>>,
    nodes: Vec<Option<GreenNode>>,
}

/// The least and the most slots of either kind, as bits of a hash. To fill and to drop many costs more than a short
/// text gains by them.
const BITS: std::ops::RangeInclusive<u32> = 8..=12;

/// Longer tokens are hardly ever met again.
const MAX_TEXT: usize = 32;

/// Nodes of more children are hardly ever met again.
const MAX_CHILDREN: usize = 3;

/// Nor are longer nodes, of which a thread should not keep many.
const MAX_NODE: u32 = 64;

thread_local! {
    /// Files are written in the same words, and so what was made for one serves the next.
    static LAST: Cell<Option<Interner>> = const { Cell::new(None) };
}

/// What stands in a slot, of which there are as many as hashes.
fn slot<T>(slots: &mut [Option<T>], bits: u32, hasher: FxHasher) -> Option<&mut Option<T>> {
    // The high bits of this hash depend on all that went in.
    slots.get_mut(usize::try_from(hasher.finish() >> (u64::BITS - bits)).unwrap_or(0))
}

impl Interner {
    /// The one of this thread, for a text of a length more.
    pub(super) fn of_thread(len: usize) -> Interner {
        let last = LAST.take();
        let served = last.as_ref().map_or(0, |it| it.served).saturating_add(len);
        let bits = (served / 64).checked_ilog2().unwrap_or(0).clamp(*BITS.start(), *BITS.end());
        match last.filter(|it| it.bits == bits) {
            Some(last) => Interner { served, ..last },
            None => Interner { served, bits, tokens: vec![None; 1 << bits], nodes: vec![None; 1 << bits] },
        }
    }

    /// Leaves it to the texts to come.
    pub(super) fn give_back(self) {
        LAST.set(Some(self));
    }

    /// A token.
    pub(super) fn token(&mut self, kind: SyntaxKind, text: &str) -> GreenToken {
        if text.len() > MAX_TEXT {
            return GreenToken::new(kind, text);
        }
        let mut hasher = FxHasher::default();
        hasher.write_u16(kind.0);
        hasher.write(text.as_bytes());
        let Some(slot) = slot(&mut self.tokens, self.bits, hasher) else { return GreenToken::new(kind, text) };
        match slot {
            Some(known) if known.kind() == kind && known.text() == text => known.clone(),
            _ => slot.insert(GreenToken::new(kind, text)).clone(),
        }
    }

    /// A node of the children from `first` on, which are taken.
    pub(super) fn node(&mut self, kind: SyntaxKind, children: &mut Vec<Element>, first: usize) -> GreenNode {
        let own = children.get(first..).unwrap_or_default();
        let mut hasher = FxHasher::default();
        hasher.write_u16(kind.0);
        own.iter().take(MAX_CHILDREN).for_each(|it| hasher.write_usize(address(it).addr()));
        let is_small = own.len() <= MAX_CHILDREN && own.iter().all(|it| it.text_len() < MAX_NODE.into());
        let slot = slot(&mut self.nodes, self.bits, hasher).filter(|_| is_small);
        match slot {
            Some(Some(known)) if known.kind() == kind && is_made_of(known, own) => {
                let node = known.clone();
                children.truncate(first);
                node
            }
            Some(slot) => slot.insert(GreenNode::new(kind, children.drain(first..))).clone(),
            None => GreenNode::new(kind, children.drain(first..)),
        }
    }
}

/// Where what an element holds lies, which no other element has as long as it lives.
fn address(element: &Element) -> *const () {
    match element {
        NodeOrToken::Node(node) => std::ptr::from_ref::<GreenNodeData>(node).cast(),
        NodeOrToken::Token(token) => std::ptr::from_ref::<GreenTokenData>(token).cast(),
    }
}

fn is_made_of(node: &GreenNode, children: &[Element]) -> bool {
    let addresses = node.children().map(|it| match it {
        NodeOrToken::Node(node) => std::ptr::from_ref(node).cast(),
        NodeOrToken::Token(token) => std::ptr::from_ref(token).cast(),
    });
    addresses.eq(children.iter().map(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_parts_are_one_and_others_are_not() {
        let (word, text) = (SyntaxKind(1), SyntaxKind(2));
        let mut interner = Interner::of_thread(0);
        let mut node = |it: &str| {
            let mut children = vec![NodeOrToken::Token(interner.token(text, it))];
            let node = interner.node(word, &mut children, 0);
            assert!(children.is_empty());
            node
        };
        let address = |it: &GreenNode| std::ptr::from_ref::<GreenNodeData>(it);
        let (one, other, again) = (node("a"), node("b"), node("a"));
        assert_eq!((one.to_string(), other.to_string()), ("a".to_owned(), "b".to_owned()));
        assert_eq!(address(&one), address(&again));
        // Whatever was driven out of its slot, each text comes back as it was given.
        for nth in 0..2_000 {
            let text = format!("{:x}", nth % 700);
            assert_eq!(node(&text).to_string(), text);
        }
    }
}
