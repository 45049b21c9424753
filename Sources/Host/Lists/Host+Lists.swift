// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

extension Host {
    // MARK: - Decide

    /// The record of a command about lists; nil for any other.
    func listRecord(_ command: Command, by staff: StaffID, now: Instant) throws(ListRefusal) -> ListChange? {
        switch command {
        case .createList(let name, let kind, let source):
            guard ListStore.isName(name) else { throw .name }
            guard lists[name] == nil else { throw .alreadyExists }
            try requireRoom()
            return .loaded(
                name: name, kind: kind, file: nil, source: try text(source), keepsChanges: false, by: staff)
        case .loadList(let opened, let source, let keepsChanges):
            return try loaded(opened, source, keepsChanges: keepsChanges, by: staff)
        case .addListEntry(let name, let kind, let entry):
            return .added(name: name, entry: try added(entry, to: try list(name, kind), now: now), by: staff)
        case .removeListEntry(let name, let kind, let key, let reason):
            let held = try list(name, kind)
            guard held.list.contains(key, at: now) != nil else { throw .notListed }
            try requireRoom(for: key, in: held)
            return .removed(name: name, key: key, reason: try text(reason), by: staff)
        case .dropList(let name, let reason):
            guard lists[name] != nil else { throw .unknownList }
            // Without it their conditions would be unknown from one moment to the next, and fire no more.
            guard !isNamed(name) else { throw .inUse }
            return .dropped(name: name, reason: try text(reason), by: staff)
        default: return nil
        }
    }

    private func loaded(
        _ opened: OpenedList, _ source: String, keepsChanges: Bool, by staff: StaffID
    ) throws(ListRefusal) -> ListChange {
        let list = opened.list
        if let held = lists[list.name] {
            guard held.kind == list.kind else { throw .wrongKind(held.kind) }
            guard held.file != opened.file || !keepsChanges && held.list.changeCount > 0 else { throw .unchanged }
        } else {
            try requireRoom()
        }
        return .loaded(
            name: list.name, kind: list.kind, file: opened.file, source: try text(source),
            keepsChanges: keepsChanges, by: staff)
    }

    /// An entry as it is journalled: its expiry in whole seconds.
    private func added(
        _ entry: ListEntry, to held: HeldList, now: Instant
    ) throws(ListRefusal) -> ListEntry {
        guard entry.origin.isSound, !entry.origin.reason.isEmpty else { throw .text }
        var entry = entry
        if let expires = entry.expires {
            guard (1...Int64(UInt32.max)).contains(expires.seconds) else { throw .expiry }
            entry.expires = Instant(seconds: expires.seconds)
            guard Instant(seconds: expires.seconds) > now else { throw .expired }
        }
        if let hit = held.list.contains(entry.key, at: now) {
            // Only one that lasts longer changes anything; to end one earlier it is taken out first.
            guard let known = hit.expires, entry.expires.map({ $0 > known }) ?? true else { throw .alreadyListed }
        }
        try requireRoom(for: entry.key, in: held)
        return entry
    }

    private func list(_ name: String, _ kind: ListKind) throws(ListRefusal) -> HeldList {
        guard let held = lists[name] else { throw .unknownList }
        guard held.kind == kind else { throw .wrongKind(held.kind) }
        guard held.isThere else { throw .fileMissing }
        return held
    }

    private func text(_ text: String) throws(ListRefusal) -> String {
        guard !text.isEmpty, ListOrigin(source: text, reason: "").isSound else { throw .text }
        return text
    }

    private func requireRoom() throws(ListRefusal) {
        guard lists.lists.count < ListStore.listsMax else { throw .tooManyLists }
    }

    private func requireRoom(for key: ListKey, in held: HeldList) throws(ListRefusal) {
        guard held.list.hasRoom(for: key), lists.changeCount < ListBook.changesMax else { throw .tooManyChanges }
    }

    /// Whether rules that judge name a list.
    private func isNamed(_ name: String) -> Bool {
        (rules.listNames + (watchedRules?.listNames ?? [])).contains { $0.name == name }
    }

    // MARK: - Apply

    mutating func apply(_ change: ListChange, at: Instant) {
        lists.apply(change, at: at)
        bindLists()
    }

    /// Hands in a list's file: behind its record, or in recovery for each list that is `missing`.
    ///
    /// - Returns: false for a file that no list in force is of.
    @discardableResult
    public mutating func supply(_ file: OpenedList) -> Bool {
        guard lists.supply(file) else { return false }
        bindLists()
        return true
    }

    /// Binds all rules that judge to the lists as they are now. Lists are values: a decision is made by the old ones
    /// or by the new ones, and never by parts of both.
    mutating func bindLists() {
        let store = lists.store
        rules.bind(store)
        watchedRules?.bind(store)
        triggers.bind(store)
    }
}
