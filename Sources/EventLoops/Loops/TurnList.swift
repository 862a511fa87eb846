/// What a turn has to see to once. What is added while the list is being worked through waits for the next turn, so
/// no socket can hold the loop; both lists keep their storage.
struct TurnList<Element> {
    private var waiting: ContiguousArray<Element> = []
    private var spare: ContiguousArray<Element> = []

    var isEmpty: Bool { waiting.isEmpty }

    mutating func append(_ element: Element) { waiting.append(element) }

    /// Everything that waits; give it back with ``recycle(_:)``.
    mutating func take() -> ContiguousArray<Element> {
        var taken: ContiguousArray<Element> = []
        swap(&taken, &spare)
        swap(&taken, &waiting)
        return taken
    }

    mutating func recycle(_ list: consuming ContiguousArray<Element>) {
        list.removeAll(keepingCapacity: true)
        spare = list
    }
}
