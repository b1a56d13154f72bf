"""The gRPC face of ingestion: protobuf to domain and back."""

import mimetypes
from typing import Any

from services.chassis import auth
from services.chassis.store import Page
from services.ingestion.handlers import File, Handlers
from services.ingestion.messages import to_chunk, to_document, to_revision
from whetstone.ingestion.v1 import ingestion_pb2 as pb
from whetstone.ingestion.v1 import ingestion_pb2_grpc


class IngestionServicer(ingestion_pb2_grpc.IngestionServiceServicer):
    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def UploadDocument(self, request: pb.UploadDocumentRequest, context: Any) -> pb.Document:
        # Until the file is read, its name is all that tells its type.
        media_type = mimetypes.guess_type(request.filename)[0] or "application/octet-stream"
        file = File(request.parent, request.filename, request.content, media_type, request.source, request.licence)
        return to_document(self._handlers.upload(auth.caller().tenant, file, request.request_id))

    def GetDocument(self, request: pb.GetDocumentRequest, context: Any) -> pb.Document:
        return to_document(self._handlers.get_document(auth.caller().tenant, request.name))

    def ListDocuments(self, request: pb.ListDocumentsRequest, context: Any) -> pb.ListDocumentsResponse:
        page = Page(request.page_size, request.page_token)
        states = pb.Document.State
        known = request.state in states.values()
        state = (states.Name(request.state) if known else str(request.state)) if request.state else ""
        found, token = self._handlers.list_documents(auth.caller().tenant, request.parent, state, page)
        return pb.ListDocumentsResponse(documents=map(to_document, found), next_page_token=token)

    def WithdrawDocument(self, request: pb.WithdrawDocumentRequest, context: Any) -> pb.Document:
        tenant = auth.caller().tenant
        return to_document(self._handlers.withdraw(tenant, request.name, request.reason, request.etag))

    def ListRevisions(self, request: pb.ListRevisionsRequest, context: Any) -> pb.ListRevisionsResponse:
        page = Page(request.page_size, request.page_token)
        found, token = self._handlers.list_revisions(auth.caller().tenant, request.parent, page)
        return pb.ListRevisionsResponse(revisions=map(to_revision, found), next_page_token=token)

    def GetRevision(self, request: pb.GetRevisionRequest, context: Any) -> pb.Revision:
        return to_revision(self._handlers.get_revision(auth.caller().tenant, request.name))

    def ListChunks(self, request: pb.ListChunksRequest, context: Any) -> pb.ListChunksResponse:
        page = Page(request.page_size, request.page_token)
        found, token = self._handlers.list_chunks(auth.caller().tenant, request.parent, page)
        return pb.ListChunksResponse(chunks=map(to_chunk, found), next_page_token=token)

    def GetChunk(self, request: pb.GetChunkRequest, context: Any) -> pb.Chunk:
        return to_chunk(self._handlers.get_chunk(auth.caller().tenant, request.name))
