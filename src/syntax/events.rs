//! Grammar functions see the joined text of an instruction and emit events; weaving puts the dropped trivia back.
//!
//! Trees are made here, of the nodes that `interner` makes, and nowhere else.

use rowan::{GreenNode, Language, NodeOrToken};

use super::{
    Dockerfile, SyntaxKind,
    SyntaxKind::*,
    interner::{Element, Interner},
    lines::{Line, LogicalLine},
};

/// What a grammar function says. Token lengths are bytes of the joined text.
#[derive(Debug, Clone, Copy)]
enum Event {
    Start(SyntaxKind),
    Token(SyntaxKind, u32),
    Finish,
}

/// The events of one instruction, in the order of its joined text.
#[derive(Debug, Default)]
pub(crate) struct Events {
    list: Vec<Event>,
}

impl Events {
    /// None yet, and room for those of most instructions.
    pub(crate) fn with_room() -> Events {
        Events { list: Vec::with_capacity(256) }
    }

    /// Opens a node.
    pub(crate) fn start(&mut self, kind: SyntaxKind) {
        self.list.push(Event::Start(kind));
    }

    /// Takes the next `len` bytes as a token; none where there are none.
    pub(crate) fn token(&mut self, kind: SyntaxKind, len: usize) {
        if len > 0 {
            // A file is smaller than 4 GiB, see `parse`.
            self.list.push(Event::Token(kind, u32::try_from(len).unwrap_or(u32::MAX)));
        }
    }

    /// Closes the node that was opened last.
    pub(crate) fn finish(&mut self) {
        self.list.push(Event::Finish);
    }

    /// A place to come back to with [`Events::truncate`].
    pub(crate) fn mark(&self) -> usize {
        self.list.len()
    }

    /// Forgets what was said since `mark`.
    pub(crate) fn truncate(&mut self, mark: usize) {
        self.list.truncate(mark);
    }

    /// Forgets everything, keeping the memory.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }
}

/// A heredoc's lines in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doc {
    /// Where its body ends.
    pub(crate) body_end: usize,
    /// The line that ends it, if one does.
    pub(crate) end: Option<Line>,
}

/// Builds the green tree of a file, piece by piece.
pub(crate) struct TreeBuilder<'t> {
    text: &'t str,
    root: SyntaxKind,
    /// What is whole already: the children of the root, then those of the nodes that are open.
    children: Vec<Element>,
    /// The nodes that are open, and where the children of each begin.
    open: Vec<(SyntaxKind, usize)>,
    interner: Interner,
    pos: usize,
}

impl<'t> TreeBuilder<'t> {
    pub(crate) fn new(text: &'t str, root: SyntaxKind, interner: Interner) -> Self {
        TreeBuilder { text, root, children: Vec::with_capacity(256), open: Vec::with_capacity(32), interner, pos: 0 }
    }

    /// Where the tree ends so far.
    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// Takes the file's text up to `end` as a token; none where there is none.
    pub(crate) fn token(&mut self, kind: SyntaxKind, end: usize) {
        if end > self.pos {
            let token = self.interner.token(Dockerfile::kind_to_raw(kind), &self.text[self.pos..end]);
            self.children.push(NodeOrToken::Token(token));
            self.pos = end;
        }
    }

    /// Takes a line as a directive.
    pub(crate) fn directive(&mut self, line: Line) {
        self.start(DIRECTIVE);
        self.token(TEXT, line.text_end);
        self.token(NEWLINE, line.end);
        self.finish();
    }

    /// Takes a logical line, of which `events` tell, and the heredocs behind it as an instruction.
    pub(crate) fn instruction(&mut self, events: &Events, line: &LogicalLine<'_>, docs: &[Doc]) -> Option<GreenNode> {
        self.weave(events, line);
        for doc in docs {
            self.start(HEREDOC);
            self.token(HEREDOC_BODY, doc.body_end);
            if let Some(end) = doc.end {
                self.token(HEREDOC_END, end.text_end);
                self.token(NEWLINE, end.end);
            }
            self.finish();
        }
        // The instruction's own node is still open.
        self.finish();
        self.children.last().and_then(|it| it.as_node().cloned())
    }

    /// Takes the text up to `end` as a node that was made for the same text before.
    pub(crate) fn again(&mut self, node: GreenNode, end: usize) {
        self.children.push(NodeOrToken::Node(node));
        self.pos = end;
    }

    /// The tree, and what it was made with.
    pub(crate) fn build(self) -> (GreenNode, Interner) {
        (GreenNode::new(Dockerfile::kind_to_raw(self.root), self.children), self.interner)
    }

    fn start(&mut self, kind: SyntaxKind) {
        self.open.push((kind, self.children.len()));
    }

    fn finish(&mut self) {
        if let Some((kind, first)) = self.open.pop() {
            let node = self.interner.node(Dockerfile::kind_to_raw(kind), &mut self.children, first);
            self.children.push(NodeOrToken::Node(node));
        }
    }

    /// Replays `events` over `line`. A token that runs over a seam becomes several of its kind, with the trivia
    /// between them; trivia at the start of a node stands before it, trivia at its end behind it. All of the
    /// logical line is in the tree afterwards, and the nodes that were opened are closed but for the outermost.
    fn weave(&mut self, events: &Events, line: &LogicalLine<'_>) {
        let mut seams = line.trivia.iter().peekable();
        let mut at = 0;
        for event in &events.list {
            match *event {
                Event::Start(kind) => {
                    // The outermost node of an instruction holds its indentation.
                    if at > 0 {
                        while let Some(seam) = seams.next_if(|it| it.at <= at) {
                            self.token(seam.kind, seam.end);
                        }
                    }
                    self.start(kind);
                }
                Event::Finish => self.finish(),
                Event::Token(kind, len) => {
                    let end = at + len as usize;
                    while at < end {
                        while let Some(seam) = seams.next_if(|it| it.at <= at) {
                            self.token(seam.kind, seam.end);
                        }
                        let stop = seams.peek().map_or(end, |it| it.at.min(end));
                        let file_end = self.pos + (stop - at);
                        self.token(kind, file_end);
                        at = stop;
                    }
                }
            }
        }
        for seam in seams {
            self.token(seam.kind, seam.end);
        }
    }
}
