/// Works on many things, a few at a time; answers come in no order.
func sideBySide<Item: Sendable, Answer: Sendable>(
    _ items: [Item], atMost limit: Int, _ work: @escaping @Sendable (Item) async -> Answer
) async -> [Answer] {
    await withTaskGroup(of: Answer.self) { group in
        var waiting = items[...]
        for item in waiting.prefix(max(1, limit)) { group.addTask { await work(item) } }
        waiting = waiting.dropFirst(max(1, limit))
        var answers: [Answer] = []
        answers.reserveCapacity(items.count)
        while let answer = await group.next() {
            answers.append(answer)
            if let item = waiting.popFirst() { group.addTask { await work(item) } }
        }
        return answers
    }
}
