// A stand-in for the editor: as much of the module `vscode` as the extension and its language client touch, and behind it
// a state that tests look at and turn.
import { readFileSync } from "node:fs";
import { pathToFileURL, fileURLToPath } from "node:url";

import { TextDocument } from "vscode-languageserver-textdocument";

import * as types from "./types.mjs";

const { CodeAction, Disposable, EventEmitter, Position, Range, Uri } = types;

/** Nothing that the tests look at: takes everything, and goes away. */
const ignored = () => new Disposable(() => {});

/** An editor with settings (dotted names to values) and folders (paths). */
export function editor({ settings = {}, folders = [] } = {}) {
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const declared = manifest.contributes.configuration.properties;
    const state = {
        settings: { ...settings },
        folderSettings: new Map(),
        documents: [],
        commands: new Map(),
        providers: {},
        collections: [],
        messages: [],
        answers: [],
        shown: [],
        log: [],
        status: undefined,
        watchers: [],
        executed: [],
    };
    const emitters = {};
    const event = (name) => (emitters[name] ??= new EventEmitter()).event;
    state.fire = (name, value) => emitters[name]?.fire(value);

    /** What holds for a name: the folder's word, the user's, the default of the extension's manifest. */
    const valueOf = (name, scope) => {
        for (const [folder, made] of state.folderSettings) {
            if (scope?.fsPath.startsWith(folder) && name in made) {
                return made[name];
            }
        }
        return state.settings[name] ?? declared[name]?.default;
    };
    const getConfiguration = (section, scope) => ({
        get: (key, otherwise) => {
            const name = [section, key].filter(Boolean).join(".");
            if (name in declared || name in state.settings) {
                return valueOf(name, scope) ?? (otherwise === undefined ? valueOf(name, scope) : otherwise);
            }
            const below = Object.keys(declared).filter((it) => it.startsWith(`${name}.`));
            if (below.length === 0) {
                return otherwise;
            }
            return Object.fromEntries(below.map((it) => [it.slice(name.length + 1), valueOf(it, scope)]));
        },
        has: (key) => `${section}.${key}` in declared,
    });

    const message = (kind) => async (text, ...rest) => {
        const buttons = rest.filter((it) => typeof it === "string");
        state.messages.push({ kind, text, buttons });
        const at = state.answers.findIndex((it) => buttons.includes(it));
        return at < 0 ? undefined : state.answers.splice(at, 1)[0];
    };
    const say = (level) => (text) => state.log.push({ level, text: String(text) });
    const channel = {
        name: "dockfix",
        logLevel: 3,
        onDidChangeLogLevel: event("logLevel"),
        ...Object.fromEntries(["trace", "debug", "info", "warn", "error", "appendLine"].map((it) => [it, say(it)])),
        show: () => state.shown.push("log"),
        dispose() {},
    };

    const provider = (kind) => (selector, provider, ...rest) => {
        const list = (state.providers[kind] ??= []);
        const entry = { selector, provider, rest };
        list.push(entry);
        return new Disposable(() => list.splice(list.indexOf(entry), 1));
    };
    const createDiagnosticCollection = (name) => {
        const found = new Map();
        const collection = {
            name,
            set: (uri, items) => {
                found.set(uri.toString(), [...items]);
                state.fire("diagnostics", uri);
            },
            delete: (uri) => found.delete(uri.toString()),
            get: (uri) => found.get(uri.toString()) ?? [],
            clear: () => found.clear(),
            forEach: (run) => found.forEach((items, uri) => run(Uri.parse(uri), items)),
            dispose: () => state.collections.splice(state.collections.indexOf(collection), 1),
        };
        state.collections.push(collection);
        return collection;
    };
    const match = (selector, document) => {
        const filters = [selector].flat();
        const fits = (it) => (typeof it === "string" ? it === document.languageId : fitsFilter(it, document));
        return filters.some(fits) ? 10 : 0;
    };
    const fitsFilter = ({ language, scheme }, document) =>
        (language === undefined || language === document.languageId) && (scheme === undefined || scheme === document.uri.scheme);

    const edit = (uri, edits) => {
        const document = state.documents.find((it) => it.uri.toString() === uri.toString());
        if (document === undefined) {
            const path = fileURLToPath(uri.toString());
            state.written.push({ path, edits });
            return;
        }
        state.change(document, edits);
    };
    state.written = [];

    const vscode = {
        ...types,
        version: "1.91.0",
        env: { appName: "stand-in", language: "en", openExternal: async () => true },
        commands: {
            registerCommand: (name, run) => {
                if (state.commands.has(name)) {
                    throw new Error(`command '${name}' already exists`);
                }
                state.commands.set(name, run);
                return new Disposable(() => state.commands.delete(name));
            },
            executeCommand: async (name, ...args) => {
                state.executed.push([name, ...args]);
                return state.commands.get(name)?.(...args);
            },
        },
        languages: {
            match,
            createDiagnosticCollection,
            getDiagnostics: (uri) => state.collections.flatMap((it) => it.get(uri)),
            createLanguageStatusItem: (id, selector) => (state.status = { id, selector, dispose() {} }),
            registerDocumentFormattingEditProvider: provider("format"),
            registerDocumentRangeFormattingEditProvider: provider("formatRange"),
            registerOnTypeFormattingEditProvider: provider("formatOnType"),
            registerCodeActionsProvider: provider("codeActions"),
            registerHoverProvider: provider("hover"),
        },
        window: {
            createOutputChannel: () => channel,
            showErrorMessage: message("error"),
            showWarningMessage: message("warning"),
            showInformationMessage: message("information"),
            showQuickPick: async (items) => {
                state.messages.push({ kind: "pick", buttons: items });
                return state.answers.shift();
            },
            showInputBox: async () => state.answers.shift(),
            showTextDocument: async (uri) => state.shown.push(uri.toString()),
            withProgress: async (_, run) => run({ report: (it) => state.shown.push(it) }, new types.CancellationTokenSource().token),
            onDidChangeActiveTextEditor: event("activeEditor"),
            onDidChangeVisibleTextEditors: event("visibleEditors"),
            tabGroups: { all: [], onDidChangeTabs: event("tabs"), onDidChangeTabGroups: event("tabGroups") },
            get visibleTextEditors() {
                return state.documents.map((document) => ({ document }));
            },
            get activeTextEditor() {
                const document = state.documents.at(-1);
                return document && { document, selection: { active: state.cursor ?? new Position(0, 0) } };
            },
        },
        workspace: {
            getConfiguration,
            workspaceFolders: folders.map((path, index) => ({ uri: Uri.file(path), name: `folder${index}`, index })),
            textDocuments: state.documents,
            notebookDocuments: [],
            isTrusted: true,
            applyEdit: async (it) => {
                for (const [uri, edits] of it.entries()) {
                    edit(uri, edits);
                }
                return true;
            },
            createFileSystemWatcher: (pattern) => {
                const watcher = { pattern };
                for (const it of ["Create", "Change", "Delete"]) {
                    const fires = new EventEmitter();
                    watcher[`onDid${it}`] = fires.event;
                    watcher[it] = (path) => fires.fire(Uri.file(path));
                }
                state.watchers.push(watcher);
                return Object.assign(watcher, { dispose: () => state.watchers.splice(state.watchers.indexOf(watcher), 1) });
            },
            registerTextDocumentContentProvider: (scheme, it) => {
                state.providers[scheme] = it;
                return ignored();
            },
            onDidChangeConfiguration: event("configuration"),
            onDidChangeTextDocument: event("change"),
            onDidChangeWorkspaceFolders: event("folders"),
            onDidCloseTextDocument: event("close"),
            onDidOpenTextDocument: event("open"),
            onDidSaveTextDocument: event("save"),
            onWillSaveTextDocument: event("willSave"),
            onDidGrantWorkspaceTrust: event("trust"),
        },
    };

    /** Opens a document that shows, as a person would. */
    state.open = (path, text, languageId = "dockerfile") => {
        const uri = Uri.file(path);
        let inner = TextDocument.create(pathToFileURL(path).href, languageId, 1, text);
        const document = {
            uri,
            languageId,
            fileName: path,
            isClosed: false,
            get version() {
                return inner.version;
            },
            get lineCount() {
                return inner.lineCount;
            },
            getText: (range) => inner.getText(range),
            positionAt: (offset) => Object.assign(new Position(0, 0), inner.positionAt(offset)),
            offsetAt: (position) => inner.offsetAt(position),
            become: (text) => (inner = TextDocument.create(inner.uri, languageId, inner.version + 1, text)),
        };
        state.documents.push(document);
        state.fire("open", document);
        state.fire("visibleEditors", vscode.window.visibleTextEditors);
        return document;
    };
    /** Carries out edits that all speak of the document as it is. */
    state.change = (document, edits) => {
        const changes = edits
            .map(({ range, newText }) => ({
                range,
                rangeOffset: document.offsetAt(range.start),
                rangeLength: document.offsetAt(range.end) - document.offsetAt(range.start),
                text: newText,
            }))
            .sort((a, b) => b.rangeOffset - a.rangeOffset);
        let text = document.getText();
        for (const { rangeOffset, rangeLength, text: put } of changes) {
            text = text.slice(0, rangeOffset) + put + text.slice(rangeOffset + rangeLength);
        }
        document.become(text);
        state.fire("change", { document, contentChanges: changes });
    };
    /** Sets settings of the user, as the settings page does. */
    state.set = (made) => {
        Object.assign(state.settings, made);
        state.fire("configuration", { affectsConfiguration: (it) => Object.keys(made).some((name) => name.startsWith(it)) });
    };
    /** Has the document laid out by the extension. */
    state.format = async (document) => {
        const [{ provider }] = state.providers.format;
        const token = new types.CancellationTokenSource().token;
        state.change(document, (await provider.provideDocumentFormattingEdits(document, { tabSize: 4, insertSpaces: true }, token)) ?? []);
    };
    /** The code actions that are offered for a range, of a kind where one is given. */
    state.actions = async (document, range, only) => {
        const [{ provider }] = state.providers.codeActions;
        const diagnostics = vscode.languages.getDiagnostics(document.uri).filter((it) => it.range.intersection(range));
        const context = { diagnostics, triggerKind: 1, only: only && types.CodeActionKind.Empty.append(only) };
        const token = new types.CancellationTokenSource().token;
        return (await provider.provideCodeActions(document, range, context, token)) ?? [];
    };
    /** Carries out an action that was chosen. */
    state.carryOut = async (action) => {
        const [{ provider }] = state.providers.codeActions;
        const token = new types.CancellationTokenSource().token;
        const whole =
            action instanceof CodeAction && !action.edit && provider.resolveCodeAction
                ? await provider.resolveCodeAction(action, token)
                : action;
        if (whole.edit) {
            await vscode.workspace.applyEdit(whole.edit);
        }
        if (whole.command) {
            await vscode.commands.executeCommand(whole.command.command, ...(whole.command.arguments ?? []));
        }
    };
    state.wholeOf = (document) => new Range(0, 0, document.lineCount, 0);
    return { vscode, state };
}
