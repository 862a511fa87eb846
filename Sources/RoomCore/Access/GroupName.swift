/// A group as an issuer names it in its tokens.
package struct GroupName: ValidatedText {
    package let text: String
    package static let rule = "a group's name is 1–256 bytes without control characters"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && !text.utf8.contains(where: \.isControl)
    }
}

/// What everyone of a group is in a room.
package struct GroupRole: Sendable, Equatable {
    package static let mostPerRoom = 100

    package let group: GroupName
    package let role: MemberRole

    package init(group: GroupName, role: MemberRole) {
        self.group = group
        self.role = role
    }
}
