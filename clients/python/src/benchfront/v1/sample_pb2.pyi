from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RequestOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REQUEST_OUTCOME_UNSPECIFIED: _ClassVar[RequestOutcome]
    REQUEST_OUTCOME_OK: _ClassVar[RequestOutcome]
    REQUEST_OUTCOME_CONNECTION_FAILED: _ClassVar[RequestOutcome]
    REQUEST_OUTCOME_TIMED_OUT: _ClassVar[RequestOutcome]
    REQUEST_OUTCOME_HTTP_ERROR: _ClassVar[RequestOutcome]
    REQUEST_OUTCOME_MALFORMED: _ClassVar[RequestOutcome]
    REQUEST_OUTCOME_INCOMPLETE: _ClassVar[RequestOutcome]
    REQUEST_OUTCOME_EMPTY: _ClassVar[RequestOutcome]

class TokenSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOKEN_SOURCE_UNSPECIFIED: _ClassVar[TokenSource]
    TOKEN_SOURCE_USAGE: _ClassVar[TokenSource]
    TOKEN_SOURCE_CHUNKS: _ClassVar[TokenSource]
REQUEST_OUTCOME_UNSPECIFIED: RequestOutcome
REQUEST_OUTCOME_OK: RequestOutcome
REQUEST_OUTCOME_CONNECTION_FAILED: RequestOutcome
REQUEST_OUTCOME_TIMED_OUT: RequestOutcome
REQUEST_OUTCOME_HTTP_ERROR: RequestOutcome
REQUEST_OUTCOME_MALFORMED: RequestOutcome
REQUEST_OUTCOME_INCOMPLETE: RequestOutcome
REQUEST_OUTCOME_EMPTY: RequestOutcome
TOKEN_SOURCE_UNSPECIFIED: TokenSource
TOKEN_SOURCE_USAGE: TokenSource
TOKEN_SOURCE_CHUNKS: TokenSource

class RequestSample(_message.Message):
    __slots__ = ("request_index", "segment", "outcome", "http_status", "scheduled_nanoseconds", "sent_nanoseconds", "first_byte_nanoseconds", "first_content_nanoseconds", "first_visible_nanoseconds", "last_content_nanoseconds", "end_nanoseconds", "input_tokens", "output_tokens", "token_source", "content_chunks", "gaps")
    REQUEST_INDEX_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    HTTP_STATUS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULED_NANOSECONDS_FIELD_NUMBER: _ClassVar[int]
    SENT_NANOSECONDS_FIELD_NUMBER: _ClassVar[int]
    FIRST_BYTE_NANOSECONDS_FIELD_NUMBER: _ClassVar[int]
    FIRST_CONTENT_NANOSECONDS_FIELD_NUMBER: _ClassVar[int]
    FIRST_VISIBLE_NANOSECONDS_FIELD_NUMBER: _ClassVar[int]
    LAST_CONTENT_NANOSECONDS_FIELD_NUMBER: _ClassVar[int]
    END_NANOSECONDS_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_SOURCE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_CHUNKS_FIELD_NUMBER: _ClassVar[int]
    GAPS_FIELD_NUMBER: _ClassVar[int]
    request_index: int
    segment: int
    outcome: RequestOutcome
    http_status: int
    scheduled_nanoseconds: int
    sent_nanoseconds: int
    first_byte_nanoseconds: int
    first_content_nanoseconds: int
    first_visible_nanoseconds: int
    last_content_nanoseconds: int
    end_nanoseconds: int
    input_tokens: int
    output_tokens: int
    token_source: TokenSource
    content_chunks: int
    gaps: bytes
    def __init__(self, request_index: _Optional[int] = ..., segment: _Optional[int] = ..., outcome: _Optional[_Union[RequestOutcome, str]] = ..., http_status: _Optional[int] = ..., scheduled_nanoseconds: _Optional[int] = ..., sent_nanoseconds: _Optional[int] = ..., first_byte_nanoseconds: _Optional[int] = ..., first_content_nanoseconds: _Optional[int] = ..., first_visible_nanoseconds: _Optional[int] = ..., last_content_nanoseconds: _Optional[int] = ..., end_nanoseconds: _Optional[int] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., token_source: _Optional[_Union[TokenSource, str]] = ..., content_chunks: _Optional[int] = ..., gaps: _Optional[bytes] = ...) -> None: ...
