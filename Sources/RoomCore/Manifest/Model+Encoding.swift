import JSONWire

extension Model {
    /// Writes the entry without `copies`, `available_on_workers` and the closing brace.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id.text)
        writer.member("name", name)
        writer.member("version", version.map(JSONValue.integer) ?? .null)
        writer.member("model_type", type?.rawValue)
        writer.member("status", status.rawValue)
        writer.member("alias", alias?.text)
        writer.member("aliases", .strings(aliases.map(\.text)))
        writer.member("tags", .strings(tags))
        writer.member("notes", notes)
        writeOrigin(to: &writer)
        writeContent(to: &writer)
        writer.member("revision", revision.number)
        writer.member("created_revision", createdRevision.number)
        writer.member("deleted_at", deletedAt?.description)
        writer.member("protected", isProtected)
    }

    private func writeOrigin(to writer: inout JSONWriter) {
        writer.member("trained_by", trainedBy)
        writer.member("trained_on_worker", trainedOnWorker?.text)
        writer.member("trained_at", trainedAt?.description)
        writer.member("published_by", publishedBy.text)
        writer.member("published_at", publishedAt.description)
        writer.member("parent_id", parentID?.text)
        writer.member("source", source.rawValue)
    }

    private func writeContent(to writer: inout JSONWriter) {
        writer.member("digest", digest?.text)
        writer.member("size_bytes", sizeBytes.map(JSONValue.integer) ?? .null)
        writer.key("files")
        writer.beginArray()
        for file in files {
            writer.beginObject()
            writer.member("path", file.path)
            writer.member("size", file.size)
            writer.member("sha256", file.sha256.text)
            writer.endObject()
        }
        writer.endArray()
        writer.member("training", .object(training))
        writer.member("metrics", .object(metrics))
        writer.member("hyperparameters", .object(hyperparameters))
        writer.member("sleap_nn_version", sleapNNVersion)
        writer.member("git_commit", gitCommit)
        writer.member("wandb", wandb.map(JSONValue.object) ?? .null)
        writer.key("storage")
        writer.beginObject()
        writer.member("s3", storage.s3)
        writer.member("wandb_artifact", storage.wandbArtifact)
        writer.member("state", storage.state.rawValue)
        writer.endObject()
    }

    func writeCopies(to writer: inout JSONWriter) {
        writer.beginArray()
        for copy in copies {
            writer.beginObject()
            writer.member("worker", copy.worker.text)
            writer.member("path", copy.path)
            writer.member("last_seen", copy.lastSeen.description)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension JSONValue {
    package static func strings(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}
