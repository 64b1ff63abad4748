// The editor's small types.
import { fileURLToPath, pathToFileURL } from "node:url";

export class Disposable {
    constructor(run) {
        this.dispose = run;
    }

    static from(...them) {
        return new Disposable(() => them.forEach((it) => it.dispose()));
    }
}

export class EventEmitter {
    #listeners = new Set();

    event = (listener, self) => {
        const bound = listener.bind(self);
        this.#listeners.add(bound);
        return new Disposable(() => this.#listeners.delete(bound));
    };

    fire(value) {
        this.#listeners.forEach((it) => it(value));
    }

    dispose() {
        this.#listeners.clear();
    }
}

export class Uri {
    constructor(scheme, path, text) {
        Object.assign(this, { scheme, path, text });
    }

    static file(path) {
        return Uri.parse(pathToFileURL(path).href);
    }

    static parse(text) {
        const url = new URL(text);
        return new Uri(url.protocol.slice(0, -1), decodeURIComponent(url.pathname), url.href);
    }

    static from({ scheme, path }) {
        return Uri.parse(`${scheme}:${path}`);
    }

    get fsPath() {
        return this.scheme === "file" ? fileURLToPath(this.text) : this.path;
    }

    toString() {
        return this.text;
    }
}

export class Position {
    constructor(line, character) {
        Object.assign(this, { line, character });
    }

    isBefore(other) {
        return this.line < other.line || (this.line === other.line && this.character < other.character);
    }
}

export class Range {
    constructor(a, b, c, d) {
        [this.start, this.end] = c === undefined ? [a, b] : [new Position(a, b), new Position(c, d)];
    }

    contains(at) {
        return !at.isBefore(this.start) && !this.end.isBefore(at);
    }

    intersection(other) {
        return this.end.isBefore(other.start) || other.end.isBefore(this.start) ? undefined : this;
    }
}

export class TextEdit {
    constructor(range, newText) {
        Object.assign(this, { range, newText });
    }

    static replace(range, text) {
        return new TextEdit(range, text);
    }
}

export class WorkspaceEdit {
    #edits = new Map();

    set(uri, edits) {
        this.#edits.set(uri.toString(), [uri, edits.map((it) => (Array.isArray(it) ? it[0] : it))]);
    }

    replace(uri, range, newText) {
        const edits = this.#edits.get(uri.toString())?.[1] ?? [];
        this.set(uri, [...edits, new TextEdit(range, newText)]);
    }

    entries() {
        return [...this.#edits.values()];
    }
}

export class Diagnostic {
    constructor(range, message, severity) {
        Object.assign(this, { range, message, severity });
    }
}

export class CodeActionKind {
    constructor(value) {
        this.value = value;
    }

    append(part) {
        return new CodeActionKind([this.value, part].filter(Boolean).join("."));
    }

    contains(other) {
        return other.value === this.value || other.value.startsWith(`${this.value}.`) || this.value === "";
    }
}
const kinds = { Empty: "", QuickFix: "quickfix", Refactor: "refactor", Source: "source", SourceFixAll: "source.fixAll" };
for (const [name, value] of Object.entries(kinds)) {
    CodeActionKind[name] = new CodeActionKind(value);
}
for (const it of ["extract", "inline", "rewrite"]) {
    CodeActionKind[`Refactor${it[0].toUpperCase()}${it.slice(1)}`] = CodeActionKind.Refactor.append(it);
}
CodeActionKind.SourceOrganizeImports = CodeActionKind.Source.append("organizeImports");

export class CodeAction {
    constructor(title, kind) {
        Object.assign(this, { title, kind });
    }
}

export class MarkdownString {
    constructor(value = "") {
        this.value = value;
    }

    appendMarkdown(text) {
        this.value += text;
        return this;
    }

    appendCodeblock(text, language = "") {
        return this.appendMarkdown(`\n\`\`\`${language}\n${text}\n\`\`\`\n`);
    }
}

export class Hover {
    constructor(contents, range) {
        Object.assign(this, { contents: [contents].flat(), range });
    }
}

export class CancellationError extends Error {}

export class CancellationTokenSource {
    #fires = new EventEmitter();
    token = { isCancellationRequested: false, onCancellationRequested: this.#fires.event };

    cancel() {
        this.token.isCancellationRequested = true;
        this.#fires.fire();
    }

    dispose() {
        this.#fires.dispose();
    }
}

/** Types that the language client names and this extension never meets. */
class Unused {}
export {
    Unused as CallHierarchyItem,
    Unused as CodeLens,
    Unused as CompletionItem,
    Unused as DocumentLink,
    Unused as InlayHint,
    Unused as RelativePattern,
    Unused as SymbolInformation,
    Unused as TabInputCustom,
    Unused as TabInputNotebook,
    Unused as TabInputText,
    Unused as TabInputTextDiff,
    Unused as TypeHierarchyItem,
};

export class Location {
    constructor(uri, range) {
        Object.assign(this, { uri, range });
    }
}

export class DiagnosticRelatedInformation {
    constructor(location, message) {
        Object.assign(this, { location, message });
    }
}

const counted = (names, first = 0) => Object.fromEntries(names.map((name, at) => [name, at + first]));
export const CodeActionTriggerKind = counted(["Invoke", "Automatic"], 1);
export const CompletionItemKind = counted(["Text"]);
export const CompletionItemTag = counted(["Deprecated"], 1);
export const DiagnosticSeverity = counted(["Error", "Warning", "Information", "Hint"]);
export const DiagnosticTag = counted(["Unnecessary", "Deprecated"], 1);
export const FileType = counted(["Unknown", "File", "Directory"]);
export const LanguageStatusSeverity = counted(["Information", "Warning", "Error"]);
export const LogLevel = counted(["Off", "Trace", "Debug", "Info", "Warning", "Error"]);
export const NotebookCellKind = counted(["Markup", "Code"], 1);
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 };
export const SymbolKind = counted(["File"]);
export const SymbolTag = counted(["Deprecated"], 1);
export const TextDocumentSaveReason = counted(["Manual", "AfterDelay", "FocusOut"], 1);
