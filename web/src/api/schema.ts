// Made by `make web-types` of what the server answers at /openapi.json. Not written by hand.

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AcceptInvitation: {
            password: string;
        };
        /** @description What was added. */
        AddedToDataset: {
            /** @description New records. */
            added: number;
            /** @description Rows that became none. */
            skipped: components["schemas"]["SkippedRow"][];
        };
        /** @description Which rows of which object. */
        AddToDataset: components["schemas"]["ObjectRef"] & components["schemas"]["Meant"] & {
            expected?: components["schemas"]["Becomes"];
        };
        /** @description A file that is about to be sent. */
        AnnounceAttachment: {
            content_type: string;
            filename: string;
            /** @description Made by the client; a UUID in practice. */
            key: string;
            org_id?: string | null;
        };
        /** @description An API key without its secret. */
        ApiKey: {
            created: components["schemas"]["Moment"];
            id: components["schemas"]["KeyId"];
            last_used: null | components["schemas"]["Moment"];
            member_id: components["schemas"]["MemberId"];
            name: string;
            /** @description First characters of the key, enough to recognise it. */
            prefix: string;
            /** @description `ingest`: may write rows and nothing else; null: whatever its member may. */
            scope: string | null;
        };
        /** @description API keys. */
        ApiKeys: {
            keys: components["schemas"]["ApiKey"][];
        };
        /** @description A batch that is too large for one request. What else clients say about its rows is not needed. */
        AskOverflow: {
            /** Format: int64 */
            size_bytes?: number;
        };
        /** @description Where a file is, and whether it is complete. */
        AttachmentDownload: {
            /** @description Gives the bytes by GET, without credentials, for five minutes. */
            downloadUrl: string;
            status: components["schemas"]["AttachmentStatus"];
        };
        /** @description How an upload went. */
        AttachmentStatus: {
            error_message?: string | null;
            /** @description uploading, done or error. */
            upload_status: string;
        };
        /** @description Where to send something. */
        AttachmentUpload: {
            /** @description To be sent along. */
            headers: components["schemas"]["UploadHeaders"];
            /** @description Takes the bytes by PUT, without credentials, for a quarter of an hour. */
            signedUrl: string;
        };
        /**
         * @description What becomes the expected value of a record.
         * @enum {string}
         */
        Becomes: "expected" | "output" | "none";
        BTreeMap: {
            [key: string]: string;
        };
        /** @description One stretch of time. */
        Bucket: {
            /** @description When it begins. */
            at: components["schemas"]["Moment"];
            /** Format: int64 */
            errors: number;
            /** Format: int64 */
            rows: number;
        };
        /** @description What was done. */
        BulkAnswer: {
            /** @description Reviews that are different now; a repeat changes none. */
            changed: number;
            /** @description Rows that were meant. */
            rows: number;
        };
        /** @description What to do to which rows. */
        BulkReview: components["schemas"]["ObjectRef"] & components["schemas"]["Meant"] & {
            assign?: components["schemas"]["MemberId"][];
            status?: null | components["schemas"]["ReviewStatus"];
            tags?: components["schemas"]["BulkTags"];
            unassign?: components["schemas"]["MemberId"][];
        };
        /** @description Tags to add and to take away. */
        BulkTags: {
            /** @default [] */
            add: string[];
            /** @default [] */
            remove: string[];
        };
        /**
         * @description Who understood.
         * @enum {string}
         */
        By: "grammar" | "model";
        ChangeWebhook: {
            active?: boolean | null;
            events?: components["schemas"]["WebhookEvent"][] | null;
            name?: string | null;
            url?: string | null;
        };
        /** @description How many there are. */
        Count: {
            /**
             * Format: int64
             * @description Rows that match.
             */
            rows: number;
            /** @description Whether there may be more. */
            rows_are: components["schemas"]["Counts"];
            /**
             * Format: int64
             * @description Traces that have one.
             */
            traces: number;
        };
        /**
         * @description How far counts may be trusted.
         * @enum {string}
         */
        Counts: "exact" | "sampled" | "at_least";
        CreateFeedbackKey: {
            origins?: string[];
            project_id: components["schemas"]["ProjectId"];
            scores: string[];
        };
        CreateKey: {
            member_id?: null | components["schemas"]["MemberId"];
            name: string;
            scope?: string | null;
        };
        CreateMember: {
            email: string;
            name: string;
            password?: string | null;
            role: string;
        };
        /** @description A project to be made. */
        CreateProject: {
            description?: string | null;
            name: string;
            org_name?: string | null;
        };
        /** @description A score to be made. */
        CreateProjectScore: {
            categories?: Json;
            config?: Json;
            description?: string | null;
            name: string;
            project_id: components["schemas"]["ProjectId"];
            score_type: string;
        };
        /** @description A tag to be made. */
        CreateProjectTag: {
            color?: string | null;
            description?: string | null;
            name: string;
            project_id: components["schemas"]["ProjectId"];
        };
        /** @description A view to be made. */
        CreateView: {
            description?: string | null;
            name: string;
            /** Format: uuid */
            object_id: string;
            object_type: string;
            /** @description `personal: true`: nobody but its maker sees it. */
            options?: Json;
            view_data?: Json;
            view_type?: string | null;
        };
        CreateWebhook: {
            events: components["schemas"]["WebhookEvent"][];
            name: string;
            project_id: components["schemas"]["ProjectId"];
            url: string;
        };
        /** @description Names the object of a view. */
        DeleteView: {
            /** Format: uuid */
            object_id: string;
            object_type: string;
        };
        /**
         * Format: uuid
         * @description Something that an address is told.
         */
        DeliveryId: string;
        /**
         * @description How far a delivery has come.
         * @enum {string}
         */
        DeliveryState: "waiting" | "delivered" | "failed";
        /**
         * Format: uuid
         * @description A review: primary key of its row and, base58check-encoded, the id of its automerge document.
         */
        DocumentId: string;
        /** @description What an experiment has come to. Scores and metrics are there when they were asked for. */
        ExperimentSummary: {
            comparison_experiment_name: string | null;
            experiment_name: string;
            experiment_url: string;
            metrics: {
                [key: string]: components["schemas"]["SummaryEntry"];
            } | null;
            project_name: string;
            project_url: string;
            scores: {
                [key: string]: components["schemas"]["SummaryEntry"];
            } | null;
        };
        /** @description Which rows, and how. */
        ExportRows: components["schemas"]["ObjectRef"] & components["schemas"]["Meant"] & {
            format: components["schemas"]["FileFormat"];
        };
        /** @description The values of one field. */
        Facet: {
            /** @description As it was asked for. */
            field: string;
            /** @description There are others. */
            more: boolean;
            /** @description The most frequent first. */
            values: components["schemas"]["FacetValue"][];
        };
        /** @description Values of fields. */
        Facets: {
            counts: components["schemas"]["Counts"];
            facets: components["schemas"]["Facet"][];
            /** @description Rows that were looked at, where counts are sampled. */
            looked?: number | null;
        };
        /** @description A value with the number of rows that have it. */
        FacetValue: {
            /** Format: int64 */
            count: number;
            value: Json;
        };
        /** @description A feedback key without its secret. */
        FeedbackKey: {
            created: components["schemas"]["Moment"];
            id: components["schemas"]["KeyId"];
            /** @description Who made it. */
            member_id: components["schemas"]["MemberId"];
            /** @description Pages that may use it; empty: any. */
            origins: string[];
            /** @description First characters of the key, enough to recognise it. */
            prefix: string;
            project_id: components["schemas"]["ProjectId"];
            /** @description Scores that it may give. */
            scores: string[];
        };
        /** @description Feedback keys. */
        FeedbackKeys: {
            keys: components["schemas"]["FeedbackKey"][];
        };
        /**
         * @description How the file is written.
         * @enum {string}
         */
        FileFormat: "csv" | "jsonl";
        /** @description What can be asked about. */
        FilterField: {
            /** @description `span`, `scores`, `review`, `tags`, `metrics` or `metadata`. */
            group: string;
            /** @description `number`, `text`, `boolean`, `time`, `list` or `any`. */
            kind: string;
            /** @description For people. */
            label: string;
            /** @description As it is written in filters. */
            path: string;
            /** @description Values that it has, or may have. */
            values?: components["schemas"]["FilterValue"][];
        };
        FilterFields: {
            fields: components["schemas"]["FilterField"][];
        };
        /** @description A part of a filter. */
        FilterPart: {
            /** @description The field that it is about. */
            field?: string | null;
            /** @description `=`, `not includes`, `is null` and the like. */
            operator?: string | null;
            /** @description As it is written. */
            text: string;
            /** @description What it is compared with; a list after `in`, nothing after `is null`. */
            value?: Json;
        };
        /** @description A filter as text, about an object. */
        FilterText: {
            object_id: components["schemas"]["ProjectId"];
            object_type: components["schemas"]["ObjectType"];
            text: string;
        };
        /** @description A value of a field. */
        FilterValue: {
            /**
             * Format: int64
             * @description How many of the newest rows have it.
             */
            count?: number | null;
            /** @description What people call it, where that is something else. */
            label?: string | null;
            value: Json;
        };
        /** @description A project and, for clients that want no more, its name. */
        FoundProject: {
            name: string;
            project: components["schemas"]["Project"];
        };
        /** @description Who is on the row now. */
        HeldRow: {
            holder: null | components["schemas"]["Holder"];
            /** @description Whether that is the caller. */
            yours: boolean;
        };
        /** @description When rows were made. */
        Histogram: {
            buckets: components["schemas"]["Bucket"][];
            counts: components["schemas"]["Counts"];
            from?: null | components["schemas"]["Moment"];
            /**
             * Format: int64
             * @description Length of a stretch.
             */
            seconds: number;
            to?: null | components["schemas"]["Moment"];
        };
        /** @description A person, an end user or the server, by key and shown name. */
        HistoryActor: {
            /** @description Reviewer key, or `server`. */
            id: string;
            /** @description Shown name. */
            name: string;
        };
        /** @description An entry of a review's history. */
        HistoryEntry: {
            /** @description Who is answerable: the author of the change. */
            actor: components["schemas"]["HistoryActor"];
            /** @description When the server stored it. */
            at: components["schemas"]["Moment"];
            /** @description Before. */
            from: Json;
            /** @description Hash of the change, in hex. */
            hash: string;
            /** @description Place in the project's audit chain. */
            id: string;
            /** @description What the writer said about it. */
            metadata?: Json;
            /** @description For whom the server wrote, when it was not the author. */
            on_behalf_of?: components["schemas"]["HistoryActor"];
            /** @description JSON pointer into the review state. */
            path: string;
            /**
             * Format: int64
             * @description The document's revision that made it.
             */
            revision: number;
            /** @description By which way. */
            source: string;
            /** @description After. */
            to: Json;
        };
        /** @description A page of a review's history. */
        HistoryPage: {
            /** @description Asks for the next page; null: this is the last one. */
            cursor: string | null;
            entries: components["schemas"]["HistoryEntry"][];
        };
        /** @description Who is on a row. */
        Holder: {
            id: components["schemas"]["MemberId"];
            name: string;
            /** @description When it ends unless it is renewed. */
            until: components["schemas"]["Moment"];
        };
        /** @description A row that somebody is on. */
        HoldRow: components["schemas"]["ObjectRef"] & {
            row_id: string;
        };
        /** @description One judgement of a member. */
        HumanScore: {
            /** @description Who. */
            reviewer: string;
            /** @description Name of the score. */
            score: string;
            /** @description A number, an option name, or an array of them. */
            value: Json;
        };
        /** @description What became of a file. */
        Imported: {
            /** @description Where the records begin in the file, in bytes. */
            head: number;
            /** @description Records that were not, the first ten thousand of them. */
            rejected: components["schemas"]["RejectedRecord"][];
            /** @description All of them. */
            rejected_count: number;
            /** @description Records that were stored. */
            stored: number;
        };
        /** @description What is in a file. */
        ImportPreview: {
            columns: string[];
            /** @description What each column probably is; empty for what would be left out. */
            map: components["schemas"]["BTreeMap"];
            /** @description The first records. */
            records: components["schemas"]["PreviewedRecord"][];
        };
        /** @description Where a member chooses a password. */
        Invitation: {
            invite_url: string;
        };
        /**
         * Format: uuid
         * @description An API key or feedback key.
         */
        KeyId: string;
        /** @description A trace, and with a filter the ids of its first rows that match. */
        Listed: components["schemas"]["TraceLine"] & {
            matched?: string[] | null;
            record?: null | components["schemas"]["RecordLine"];
        };
        /** @description Where a row is. */
        Located: {
            id: string;
            root_span_id: string;
            span_id: string;
        };
        LoggedValues: {
            expected: Json;
            metadata: Json;
            scores: {
                [key: string]: number | null;
            };
            tags: string[];
        };
        /** @description A score of an experiment or a dataset. */
        MeanScore: {
            /**
             * Format: int64
             * @description Rows that show a number.
             */
            count: number;
            /** Format: double */
            mean: number;
        };
        /** @description Either `row_ids` or `filter`. */
        Meant: {
            filter?: string | null;
            row_ids?: string[] | null;
        };
        /** @description A member of the organization. */
        Member: {
            created: components["schemas"]["Moment"];
            /** @description Removed: keeps their name on what they judged. */
            disabled: boolean;
            email: string;
            id: components["schemas"]["MemberId"];
            name: string;
            role: components["schemas"]["Role"];
        };
        /**
         * Format: uuid
         * @description A person of an organization; also the reviewer key of that person in every review document.
         */
        MemberId: string;
        /** @description All members. */
        Members: {
            members: components["schemas"]["Member"][];
        };
        /**
         * Format: date-time
         * @description Microseconds since 1970-01-01T00:00:00Z. Kept within the years 0001 to 9999.
         */
        Moment: string;
        /** @description A key that was just made, with its secret. */
        NewKey: {
            id: components["schemas"]["KeyId"];
            /** @description Shown this once. */
            key: string;
        };
        /** @description A member who was just added. */
        NewMember: {
            email: string;
            id: components["schemas"]["MemberId"];
            /** @description Where they choose a password; missing when they were given one. */
            invite_url?: string;
            name: string;
            role: components["schemas"]["Role"];
        };
        /** @description A webhook that was just made, with its secret. */
        NewWebhook: components["schemas"]["Webhook"] & {
            /** @description Shown this once: the receiver checks `webhook-signature` with it, as Standard Webhooks says. */
            secret: string;
        };
        /** @description Something that the caller was told. */
        Notification: components["schemas"]["ObjectRef"] & {
            at: components["schemas"]["Moment"];
            /** @description Who did it. */
            by: components["schemas"]["HistoryActor"];
            /** @description Missing for assignments. */
            comment_id?: string;
            /** @description Beginning of the comment. */
            excerpt: string;
            id: string;
            kind: components["schemas"]["NotificationKind"];
            object_name: string;
            project_id: components["schemas"]["ProjectId"];
            project_name: string;
            read: boolean;
            /** @description Missing where the row has not arrived or is deleted. */
            row?: components["schemas"]["NotifiedRow"];
            /** @description Of rows that were assigned together, the last. */
            row_id: string;
            /**
             * Format: int64
             * @description How many were assigned together.
             */
            rows: number;
        };
        /**
         * @description Why somebody is told.
         * @enum {string}
         */
        NotificationKind: "assigned" | "mentioned" | "replied" | "resolved";
        /** @description A page of what the caller was told. */
        Notifications: {
            /** @description Asks for the next page; null: this is the last one. */
            cursor: string | null;
            /** @description Newest first. What is about experiments and datasets that are gone is left out. */
            items: components["schemas"]["Notification"][];
            /**
             * Format: int64
             * @description Not read, of all.
             */
            unread: number;
        };
        /** @description Where a row is, and what it is called. */
        NotifiedRow: {
            name: string | null;
            preview: string;
            root_span_id: string;
            span_id: string;
        };
        ObjectIds: {
            object_ids: string[];
            object_type: components["schemas"]["ObjectType"];
        };
        /** @description An experiment or a dataset. What follows `tags` only experiments have. */
        ObjectInfo: {
            /** Format: uuid */
            base_exp_id?: string | null;
            created: components["schemas"]["Moment"];
            /** Format: uuid */
            dataset_id?: string | null;
            dataset_version?: string | null;
            deleted_at: null | components["schemas"]["Moment"];
            description: string | null;
            /** Format: uuid */
            id: string;
            /** @description An object or null. */
            metadata: Json;
            name: string;
            project_id: components["schemas"]["ProjectId"];
            tags: string[] | null;
            user_id: null | components["schemas"]["MemberId"];
        };
        /** @description An experiment or a dataset in a list. */
        ObjectOverview: {
            /** Format: int64 */
            awaiting: number;
            /** Format: int64 */
            complete: number;
            created: components["schemas"]["Moment"];
            description: string | null;
            /** Format: uuid */
            id: string;
            /** Format: int64 */
            in_progress: number;
            name: string;
            /** @description By name, over the rows that show one. */
            scores: {
                [key: string]: components["schemas"]["MeanScore"];
            };
            /** Format: int64 */
            traces: number;
        };
        /** @description Experiments or datasets of a project. */
        ObjectOverviews: {
            objects: components["schemas"]["ObjectOverview"][];
        };
        /** @description A container of rows. */
        ObjectRef: {
            /**
             * Format: uuid
             * @description Which one.
             */
            object_id: string;
            /** @description What kind of container. */
            object_type: components["schemas"]["ObjectType"];
        };
        /** @description A page of a list. */
        Objects_ObjectInfo: {
            /** @description Newest first; an empty page is the last. */
            objects: {
                /** Format: uuid */
                base_exp_id?: string | null;
                created: components["schemas"]["Moment"];
                /** Format: uuid */
                dataset_id?: string | null;
                dataset_version?: string | null;
                deleted_at: null | components["schemas"]["Moment"];
                description: string | null;
                /** Format: uuid */
                id: string;
                /** @description An object or null. */
                metadata: Json;
                name: string;
                project_id: components["schemas"]["ProjectId"];
                tags: string[] | null;
                user_id: null | components["schemas"]["MemberId"];
            }[];
        };
        /** @description A page of a list. */
        Objects_Organization: {
            /** @description Newest first; an empty page is the last. */
            objects: {
                /** @description Where its API is. */
                api_url: string;
                created: components["schemas"]["Moment"];
                id: components["schemas"]["OrganizationId"];
                is_universal_api: boolean;
                /** @description What clients call `org_name`. */
                name: string;
                proxy_url: string;
                realtime_url?: string | null;
            }[];
        };
        /** @description A page of a list. */
        Objects_Project: {
            /** @description Newest first; an empty page is the last. */
            objects: {
                created: components["schemas"]["Moment"];
                deleted_at: null | components["schemas"]["Moment"];
                description: string | null;
                /** @description Also the id of its logs. */
                id: components["schemas"]["ProjectId"];
                /** @description Unique in the organization. */
                name: string;
                org_id: components["schemas"]["OrganizationId"];
                /** @description Kept for clients; an object or null. */
                settings: Json;
                user_id: null | components["schemas"]["MemberId"];
            }[];
        };
        /** @description A page of a list. */
        Objects_ProjectScore: {
            /** @description Newest first; an empty page is the last. */
            objects: {
                /** @description Options with their numbers, weights of other scores, names of other scores, or null. */
                categories: Json;
                /** @description Where the value goes, who sees the score, when it is asked; unknown keys are kept. */
                config: Json;
                created: components["schemas"]["Moment"];
                description: string | null;
                id: components["schemas"]["ScoreId"];
                /** @description Unique in the project; the key under `scores`. */
                name: string;
                /** @description Sorts as text. */
                position: string;
                project_id: components["schemas"]["ProjectId"];
                /** @description slider, categorical, free-form, weighted, minimum, maximum or online. */
                score_type: string;
                user_id: components["schemas"]["MemberId"];
            }[];
        };
        /** @description A page of a list. */
        Objects_ProjectTag: {
            /** @description Newest first; an empty page is the last. */
            objects: {
                /** @description In practice a hex colour. */
                color?: string | null;
                created: components["schemas"]["Moment"];
                description?: string | null;
                id: components["schemas"]["TagId"];
                /** @description Unique in the project; what rows carry. */
                name: string;
                /** @description Sorts as text. */
                position: string;
                project_id: components["schemas"]["ProjectId"];
                user_id: components["schemas"]["MemberId"];
            }[];
        };
        /** @description A page of a list. */
        Objects_User: {
            /** @description Newest first; an empty page is the last. */
            objects: {
                /** @description None are kept. */
                avatar_url?: string | null;
                created: components["schemas"]["Moment"];
                email?: string | null;
                /** @description The last word of a name of several. */
                family_name?: string | null;
                /** @description All but the last word of the name. */
                given_name?: string | null;
                /** @description Also the key under which this person's judgements stand. */
                id: components["schemas"]["MemberId"];
            }[];
        };
        /** @description A page of a list. */
        Objects_View: {
            /** @description Newest first; an empty page is the last. */
            objects: {
                created: components["schemas"]["Moment"];
                deleted_at: null | components["schemas"]["Moment"];
                description: string | null;
                id: components["schemas"]["ViewId"];
                /** @description Unique among the views of that table. */
                name: string;
                /** Format: uuid */
                object_id: string;
                /** @description project, project_log, experiment, dataset, organization, org_project or org_member. */
                object_type: string;
                /** @description Columns and layout, as they were sent. */
                options: Json;
                updated_at: components["schemas"]["Moment"];
                user_id: null | components["schemas"]["MemberId"];
                /** @description Filters and sorts, as they were sent. */
                view_data: Json;
                /** @description Which table of the object. */
                view_type: string | null;
            }[];
        };
        /**
         * @description What kind of container a row is in.
         * @enum {string}
         */
        ObjectType: "project_logs" | "experiment" | "dataset";
        /** @description Where a review is. */
        OpenedReview: {
            document_id: components["schemas"]["DocumentId"];
            /** @description The caller's key under `/scores`; null: nobody who judges. */
            reviewer: string | null;
            /** @description `automerge:…` */
            url: string;
        };
        OpenReview: components["schemas"]["ObjectRef"] & {
            row_id: string;
        };
        /** @description An organization. */
        Organization: {
            /** @description Where its API is. */
            api_url: string;
            created: components["schemas"]["Moment"];
            id: components["schemas"]["OrganizationId"];
            is_universal_api: boolean;
            /** @description What clients call `org_name`. */
            name: string;
            proxy_url: string;
            realtime_url?: string | null;
        };
        /**
         * Format: uuid
         * @description A tenant. Nothing of one organization is visible to another.
         */
        OrganizationId: string;
        /** @description Where the batch goes. */
        Overflow: {
            headers: components["schemas"]["UploadHeaders"];
            /** @description What to send to `/logs3` in place of the rows: `{"rows": {"type": "logs3_overflow", "key": …}}`. */
            key: string;
            /** @description PUT. */
            method: string;
            /** @description Takes the batch once, without credentials, for a quarter of an hour. */
            signedUrl: string;
        };
        /** @description A filter that was understood. */
        ParsedFilter: {
            by?: null | components["schemas"]["By"];
            /** @description In the one way in which it is printed; empty: everything. */
            expression: string;
            /** @description What must hold together. */
            parts: components["schemas"]["FilterPart"][];
            /** @description What is allowed and probably not meant. */
            warnings: Record<string, never>[];
        };
        PatchMember: {
            role: string;
        };
        /** @description What is absent or null stays. Addresses follow from the server's configuration. */
        PatchOrganization: {
            api_url?: string | null;
            name?: string | null;
            proxy_url?: string | null;
            realtime_url?: string | null;
        };
        /** @description What is absent or null stays; `settings` is replaced whole. */
        PatchProject: {
            description?: string | null;
            name?: string | null;
            settings?: Json;
        };
        /** @description What is absent or null stays; objects are merged into the stored ones, lists replace them. */
        PatchProjectScore: {
            categories?: Json;
            config?: Json;
            description?: string | null;
            name?: string | null;
            position?: string | null;
            score_type?: string | null;
        };
        /** @description What is absent or null stays. */
        PatchProjectTag: {
            color?: string | null;
            description?: string | null;
            name?: string | null;
            position?: string | null;
        };
        /** @description The object has to be named again; what else is absent or null stays, objects are merged into the stored ones. */
        PatchView: {
            description?: string | null;
            name?: string | null;
            /** Format: uuid */
            object_id: string;
            object_type: string;
            options?: Json;
            view_data?: Json;
            view_type?: string | null;
        };
        /** @description Who is calling. */
        Ping: {
            id?: null | components["schemas"]["MemberId"];
            name: string;
            org_id: components["schemas"]["OrganizationId"];
            org_name: string;
            role: components["schemas"]["Role"];
        };
        /** @description A record of a file. */
        PreviewedRecord: {
            /** @description By column; null for one that cannot be read. */
            cells: {
                [key: string]: unknown;
            } | null;
            /** Format: int64 */
            line: number;
            /** @description Why it cannot be read. */
            why: string | null;
        };
        /** @description RFC 9457 problem details. */
        Problem: {
            /** @description What was wrong here, where, and what would be right. Absent for faults of the server. */
            detail?: string | null;
            /** @description Id of the request, as in the server's log. */
            instance?: string | null;
            /** @description Where in the input, when there is a place: `{offset, line, column}` or a JSON pointer. */
            position?: Json;
            /**
             * Format: int32
             * @description HTTP status.
             */
            status: number;
            /** @description The same for every problem of this kind. */
            title: string;
            /** @description `/problems/<code>`. */
            type: string;
        };
        /** @description A project. */
        Project: {
            created: components["schemas"]["Moment"];
            deleted_at: null | components["schemas"]["Moment"];
            description: string | null;
            /** @description Also the id of its logs. */
            id: components["schemas"]["ProjectId"];
            /** @description Unique in the organization. */
            name: string;
            org_id: components["schemas"]["OrganizationId"];
            /** @description Kept for clients; an object or null. */
            settings: Json;
            user_id: null | components["schemas"]["MemberId"];
        };
        /**
         * Format: uuid
         * @description A project; also the id of its `project_logs` object.
         */
        ProjectId: string;
        /** @description A project with its figures. */
        ProjectOverview: {
            /** Format: int64 */
            awaiting: number;
            /** Format: int64 */
            complete: number;
            created: components["schemas"]["Moment"];
            id: components["schemas"]["ProjectId"];
            /** Format: int64 */
            in_progress: number;
            last_activity: null | components["schemas"]["Moment"];
            name: string;
            /** Format: int64 */
            traces: number;
            /**
             * Format: int64
             * @description Since midnight UTC.
             */
            traces_today: number;
        };
        /** @description Projects with their figures. */
        ProjectOverviews: {
            projects: components["schemas"]["ProjectOverview"][];
        };
        /** @description A score that a project wants judged. */
        ProjectScore: {
            /** @description Options with their numbers, weights of other scores, names of other scores, or null. */
            categories: Json;
            /** @description Where the value goes, who sees the score, when it is asked; unknown keys are kept. */
            config: Json;
            created: components["schemas"]["Moment"];
            description: string | null;
            id: components["schemas"]["ScoreId"];
            /** @description Unique in the project; the key under `scores`. */
            name: string;
            /** @description Sorts as text. */
            position: string;
            project_id: components["schemas"]["ProjectId"];
            /** @description slider, categorical, free-form, weighted, minimum, maximum or online. */
            score_type: string;
            user_id: components["schemas"]["MemberId"];
        };
        /** @description A tag that a project offers. */
        ProjectTag: {
            /** @description In practice a hex colour. */
            color?: string | null;
            created: components["schemas"]["Moment"];
            description?: string | null;
            id: components["schemas"]["TagId"];
            /** @description Unique in the project; what rows carry. */
            name: string;
            /** @description Sorts as text. */
            position: string;
            project_id: components["schemas"]["ProjectId"];
            user_id: components["schemas"]["MemberId"];
        };
        /** @description A row that may be reviewed. */
        QueueItem: components["schemas"]["ObjectRef"] & {
            /** @description Names of the scores that the caller has answered. */
            answered: string[];
            /** @description By whom each was asked, and when. */
            assigned: {
                [key: string]: components["schemas"]["SetBy"];
            };
            assignees: components["schemas"]["MemberId"][];
            comments: number;
            created: components["schemas"]["Moment"];
            /** @description Who is on it now. */
            holder?: components["schemas"]["Holder"];
            is_root: boolean;
            /** @description `llm`, `task`, `tool` or whatever else the client says. */
            kind: string | null;
            name: string | null;
            object_name: string;
            /** @description Beginning of the input. */
            preview: string;
            root_span_id: string;
            row_id: string;
            /** @description Who set the status, and when. */
            set?: components["schemas"]["SetBy"];
            span_id: string;
            status: components["schemas"]["ReviewStatus"];
        };
        /** @description Which were read: those of `ids`, or `up_to` one and everything before it. */
        ReadNotifications: {
            ids?: string[] | null;
            up_to?: string | null;
        };
        /** @description What has arrived. */
        ReceivedFile: {
            size?: number | null;
        };
        /** @description What a record of a dataset shows in a list beyond what a trace does: nothing of it ran, so what it holds is what matters. */
        RecordLine: {
            /** @description Beginning of what is expected, corrections of reviewers included. */
            expected_preview: string | null;
            /** @description Beginning of its metadata, as JSON. */
            metadata_preview: string | null;
            origin: null | components["schemas"]["RecordOrigin"];
        };
        /** @description Where a record came from. */
        RecordOrigin: {
            id: string;
            /** Format: uuid */
            object_id: string;
            object_type: components["schemas"]["ObjectType"];
        };
        /** @description The project that was asked for. */
        RegisteredProject: {
            found_existing: boolean;
            project: components["schemas"]["Project"];
        };
        /** @description A project by name or id. */
        RegisterProject: {
            org_id?: string | null;
            org_name?: string | null;
            project_id?: null | components["schemas"]["ProjectId"];
            project_name?: string | null;
        };
        /** @description A record that was not stored. */
        RejectedRecord: {
            /** @description Where it begins in the file, in bytes. */
            from: number;
            /**
             * Format: int64
             * @description The line that it begins on, from 1.
             */
            line: number;
            /** @description Where it ends. */
            to: number;
            why: string;
        };
        /** @description How the upload of a file went. */
        ReportAttachment: {
            key: string;
            org_id?: string | null;
            status: components["schemas"]["AttachmentStatus"];
        };
        /** @description How far the reviews of a project have come, by kind of object. */
        ReviewCounts: {
            dataset: components["schemas"]["ReviewProgress"];
            experiment: components["schemas"]["ReviewProgress"];
            project_logs: components["schemas"]["ReviewProgress"];
        };
        /** @description The review of a row in a list. */
        ReviewLine: {
            assignees: components["schemas"]["MemberId"][];
            /** Format: int32 */
            comments: number;
            document_id: null | components["schemas"]["DocumentId"];
            reviewers: components["schemas"]["MemberId"][];
            status: components["schemas"]["ReviewStatus"];
        };
        ReviewPlace: {
            /** @description Who is asked to review: by whom, and when; absent where nobody is. */
            assigned?: {
                [key: string]: components["schemas"]["SignedAt"];
            };
            document_id: null | components["schemas"]["DocumentId"];
            /** @description Who said so, and when; absent until somebody does. */
            set?: components["schemas"]["SignedAt"];
            status: components["schemas"]["ReviewStatus"];
        };
        /** @description Rows by where their review stands. */
        ReviewProgress: {
            /** Format: int64 */
            awaiting: number;
            /** Format: int64 */
            complete: number;
            /** Format: int64 */
            in_progress: number;
            /**
             * Format: int64
             * @description Assigned to the caller and not complete.
             */
            mine: number;
        };
        /** @description A page of a queue. */
        ReviewQueue: {
            /** @description Asks for the next page; null: this is the last one. */
            cursor: string | null;
            items: components["schemas"]["QueueItem"][];
            /** @description The page ended because it had looked at enough; its cursor goes on. */
            warning?: string;
        };
        /**
         * @description Where a review stands.
         * @enum {string}
         */
        ReviewStatus: "none" | "awaiting" | "in_progress" | "complete";
        /**
         * @description What a principal is to an organization.
         * @enum {string}
         */
        Role: "owner" | "lead" | "reviewer" | "viewer" | "ingest" | "feedback";
        RowComment: {
            anchor?: Json;
            at: components["schemas"]["Moment"];
            author: components["schemas"]["HistoryActor"];
            edited_at?: components["schemas"]["Moment"];
            id: string;
            /** @description The comment that it answers. */
            parent?: string;
            resolved?: boolean;
            /** @description app, api, external or what the client called itself. */
            source: string;
            text: string;
        };
        /**
         * @description What [`event`] writes, for the description of the API. Rows of datasets have no `output`, `error`, `metrics`, `context` and
         *     `span_attributes`, and `scores` only when people gave some. Further fields are those that clients logged.
         */
        RowEvent: {
            /** @description Members who are asked to review. */
            __bt_assignments: string[] | null;
            __bt_review_lists: Json;
            /** @description The transaction that changed it last: 19 digits. */
            _xact_id: string;
            comments: components["schemas"]["RowComment"][];
            context?: Json;
            created: components["schemas"]["Moment"];
            error?: Json;
            expected: Json;
            id: string;
            input: Json;
            is_root: boolean;
            /** @description The values without the review. */
            logged: components["schemas"]["LoggedValues"];
            metadata: {
                [key: string]: unknown;
            } | null;
            metrics?: {
                [key: string]: number;
            } | null;
            origin: Json;
            output?: Json;
            project_id: components["schemas"]["ProjectId"];
            review: components["schemas"]["ReviewPlace"];
            /** @description By reviewer. */
            reviews: {
                [key: string]: components["schemas"]["RowReview"];
            };
            root_span_id: string;
            /** @description Effective. */
            scores?: {
                [key: string]: number | null;
            } | null;
            span_attributes?: {
                [key: string]: unknown;
            } | null;
            span_id: string;
            span_parents: string[] | null;
            tags: string[] | null;
            /** @description Scores that are not asked of it, by their conditions; told of one row alone. */
            unasked?: string[];
        };
        /** @description A row in a list. */
        RowLine: {
            /**
             * Format: double
             * @description US dollars.
             */
            cost: number | null;
            created: components["schemas"]["Moment"];
            /**
             * Format: double
             * @description Seconds.
             */
            duration: number | null;
            error: string | null;
            human: components["schemas"]["HumanScore"][];
            id: string;
            input_preview: string | null;
            is_root: boolean;
            kind: string | null;
            model: string | null;
            name: string | null;
            output_preview: string | null;
            review: components["schemas"]["ReviewLine"];
            root_span_id: string;
            /** @description Effective values. */
            scores: {
                [key: string]: number | null;
            };
            span_id: string;
            tags: string[];
            /** Format: int64 */
            tokens: number | null;
        };
        RowReview: {
            completed: null | components["schemas"]["Moment"];
            notes: {
                [key: string]: string;
            };
            scores: {
                [key: string]: unknown;
            };
        };
        /**
         * Format: uuid
         * @description A score configuration.
         */
        ScoreId: string;
        /** @description What [`search`] looks for; of several names the given ones must all fit. */
        SearchProjects: {
            /** @default null */
            id: null | components["schemas"]["ProjectId"];
            /** @default null */
            name: string | null;
            /** @default null */
            org_id: string | null;
            /** @default null */
            org_name: string | null;
            /** @default null */
            project_id: null | components["schemas"]["ProjectId"];
            /** @default null */
            project_name: string | null;
        };
        /** @description Who is signed in. */
        Session: {
            organization: components["schemas"]["SessionOrganization"];
            /** @description Origin under which clients reach this server. */
            public_url: string;
            role: components["schemas"]["Role"];
            user: components["schemas"]["SessionUser"];
        };
        SessionOrganization: {
            id: components["schemas"]["OrganizationId"];
            name: string;
        };
        SessionUser: {
            email: string;
            id: components["schemas"]["MemberId"];
            name: string;
        };
        /** @description Who said something, and when. */
        SetBy: {
            at: components["schemas"]["Moment"];
            by: string;
        };
        SetUp: {
            email: string;
            name: string;
            organization: string;
            password: string;
            token: string;
        };
        /** @description Whether the server waits for its first owner. */
        SetUpNeeded: {
            needed: boolean;
        };
        SignedAt: {
            at: components["schemas"]["Moment"];
            by: string;
        };
        SignIn: {
            email?: string | null;
            password?: string | null;
            token?: string | null;
        };
        /** @description A row that became no record. */
        SkippedRow: {
            id: string;
            why: string;
        };
        /** @description A span of a trace. */
        SpanLine: components["schemas"]["RowLine"] & {
            /** Format: double */
            end: number | null;
            /** Format: int64 */
            order: number;
            span_parents: string[];
            /**
             * Format: double
             * @description Unix seconds.
             */
            start: number | null;
        };
        /** @description How the server is. */
        Status: {
            status: string;
        };
        /** @description A mean of an experiment, and how it differs from the experiment that it is compared with. */
        SummaryEntry: {
            /** Format: double */
            diff?: number;
            /** Format: int64 */
            improvements: number;
            /**
             * Format: double
             * @description Of metrics, in `unit`.
             */
            metric?: number;
            name: string;
            /** Format: int64 */
            regressions: number;
            /**
             * Format: double
             * @description Of scores: 0 to 1.
             */
            score?: number;
            unit?: string;
        };
        /**
         * Format: uuid
         * @description A tag that a project offers.
         */
        TagId: string;
        /** @description A trace with its spans. */
        TraceDetail: {
            next: string | null;
            /** Format: int64 */
            position: number;
            previous: string | null;
            root_span_id: string;
            spans: components["schemas"]["SpanLine"][];
            /** Format: int64 */
            total: number;
            truncated: boolean;
        };
        /** @description A trace in a list: its root, and sums over its spans. */
        TraceLine: components["schemas"]["RowLine"] & {
            /** Format: int64 */
            errors: number;
            /** Format: int64 */
            spans: number;
        };
        /** @description A page of traces. */
        TracePage: {
            /** @description Asks for the next page; null: this is the last one. */
            cursor: string | null;
            /** @description The page ended because it had looked at enough; its cursor goes on. */
            cut?: boolean;
            /**
             * Format: int64
             * @description Traces in all; with a filter, those that match.
             */
            total: number;
            total_is: components["schemas"]["Counts"];
            traces: components["schemas"]["Listed"][];
        };
        /** @description How many are left. */
        UnreadNotifications: {
            /** Format: int64 */
            unread: number;
        };
        /** @description None are needed. */
        UploadHeaders: Record<string, never>;
        /** @description A person of the organization. */
        User: {
            /** @description None are kept. */
            avatar_url?: string | null;
            created: components["schemas"]["Moment"];
            email?: string | null;
            /** @description The last word of a name of several. */
            family_name?: string | null;
            /** @description All but the last word of the name. */
            given_name?: string | null;
            /** @description Also the key under which this person's judgements stand. */
            id: components["schemas"]["MemberId"];
        };
        /** @description Which version runs. */
        Version: {
            /** @description Larger batches go to `/logs3/overflow`. */
            logs3_payload_max_bytes: number;
            version: string;
        };
        /** @description A saved view. */
        View: {
            created: components["schemas"]["Moment"];
            deleted_at: null | components["schemas"]["Moment"];
            description: string | null;
            id: components["schemas"]["ViewId"];
            /** @description Unique among the views of that table. */
            name: string;
            /** Format: uuid */
            object_id: string;
            /** @description project, project_log, experiment, dataset, organization, org_project or org_member. */
            object_type: string;
            /** @description Columns and layout, as they were sent. */
            options: Json;
            updated_at: components["schemas"]["Moment"];
            user_id: null | components["schemas"]["MemberId"];
            /** @description Filters and sorts, as they were sent. */
            view_data: Json;
            /** @description Which table of the object. */
            view_type: string | null;
        };
        /**
         * Format: uuid
         * @description A saved view.
         */
        ViewId: string;
        /** @description A webhook without its secret. */
        Webhook: {
            active: boolean;
            created: components["schemas"]["Moment"];
            events: components["schemas"]["WebhookEvent"][];
            id: components["schemas"]["WebhookId"];
            member_id: components["schemas"]["MemberId"];
            name: string;
            project_id: components["schemas"]["ProjectId"];
            url: string;
        };
        /** @description Something that a webhook was told, or is to be. */
        WebhookDelivery: {
            /**
             * Format: int64
             * @description HTTP status of the last answer; null: none.
             */
            answer: number | null;
            /** Format: int64 */
            attempts: number;
            created: components["schemas"]["Moment"];
            /** @description What it is about. */
            data: Json;
            /** @description What went wrong. */
            detail: string | null;
            event: string;
            finished: null | components["schemas"]["Moment"];
            id: components["schemas"]["DeliveryId"];
            next: null | components["schemas"]["Moment"];
            state: components["schemas"]["DeliveryState"];
        };
        /**
         * @description What an address can be told of.
         * @enum {string}
         */
        WebhookEvent: "review.completed" | "review.assigned" | "comment.mentioned" | "feedback.received";
        /**
         * Format: uuid
         * @description An address that is told what happens.
         */
        WebhookId: string;
        /** @description Deliveries, newest first. */
        WebhookLog: {
            cursor: null | components["schemas"]["DeliveryId"];
            deliveries: components["schemas"]["WebhookDelivery"][];
        };
        /** @description Webhooks, oldest first. */
        Webhooks: {
            webhooks: components["schemas"]["Webhook"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
