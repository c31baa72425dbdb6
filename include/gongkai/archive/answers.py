"""The kinds of answers that portals give: stable codes, as they stand in the request log and in the listings."""

from __future__ import annotations

from enum import StrEnum


class AnswerKind(StrEnum):
    """What an address answered, whatever its status and content type say.

    Which of them are kept, and which fate a listed link gets by them, is in sources/finding.py; the words and patterns
    that tell them are in data_contracts/sources/answers.yml.
    """

    # What is kept.
    REPORT = "report"  # may be one: a page with text, or a file of a format that is read
    ATTACHMENT_PAGE = "attachment_page"  # a page without text of its own that links files
    PICTURE = "picture"  # a picture, or a page that shows nothing else
    SHELL = "shell"  # a page without text that leads on: a refresh, a script, a frame
    OTHER_FORMAT = "other_format"  # a file of a format without a reader: kept, refused when it is read
    LIST = "list"  # a list page
    # Pages in place of the report.
    BLOCK_PAGE = "block_page"
    JS_CHALLENGE = "js_challenge"
    LOGIN = "login"
    RATE_LIMITED = "rate_limited"
    SOFT_404 = "soft_404"  # says with status 200 that there is nothing
    MOVED = "moved"  # led to another place that is not the report, such as the home page
    ERROR_PAGE = "error_page"  # says with status 200 that something failed
    NOT_A_LIST = "not_a_list"  # in place of a list: a page that lists nothing
    NO_TEXT = "no_text"  # shows nothing and leads nowhere
    EMPTY = "empty"
    WRONG_TYPE = "wrong_type"  # no document: JSON, a video, a program; or no picture where one was asked for
    # No content.
    GONE = "gone"
    FORBIDDEN = "forbidden"
    SERVER_ERROR = "server_error"
    BAD_STATUS = "bad_status"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TRUNCATED = "truncated"
    ENCODING = "encoding"
    REDIRECT_LOOP = "redirect_loop"
    OTHER = "other"  # anything else; the reason says what
    # Not asked.
    ROBOTS = "robots"
    OUTSIDE_WINDOW = "outside_window"
    HOST_LEFT = "host_left"
    REFUSED = "refused"  # of another host, or of a private network
    NOT_ASKED = "not_asked"  # passed over: no report by its title, or of another year
    # Of single requests only.
    REDIRECT = "redirect"
    NOT_MODIFIED = "not_modified"
