"""HTTP in and out: templates of an organization, and their versions."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_templates as examples
from domains.notifications.api.serializers_templates import (
    TemplateDraftIn,
    TemplateIn,
    TemplateOut,
    TemplatePatch,
    TemplatePreviewIn,
    TemplatePreviewOut,
    TemplateRollbackIn,
    TemplateTestIn,
    TemplateTestOut,
    TemplateVersionOut,
)
from domains.notifications.contract.errors import (
    DraftExists,
    NoDraft,
    PersonRequired,
    TemplateFaulty,
    TemplateKeyTaken,
    TemplateLimitReached,
    TemplateNotFound,
    TemplateNotRendered,
    TemplateValuesInvalid,
    TemplateVersionNotFound,
    VersionNeverPublished,
)
from domains.notifications.models import TemplateVersion
from domains.notifications.services.templates import authoring, previewing, publishing, reading
from kernel.clock import now
from kernel.errors import Forbidden, PreconditionFailed
from kernel.rest import Listing, caller, if_match, operation, paginate, single

BY_KEY = Listing(sort=("key", "-key", "-id"))
NEWEST = Listing(sort=("-number", "number"))
FOUND = (TemplateNotFound, Forbidden)


class Templates(APIView):
    """The current organization's templates."""

    @operation(
        "listTemplates",
        "List the organization's templates",
        response=TemplateOut,
        listing=BY_KEY,
        response_example=examples.TEMPLATE,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        rows = reading.list_templates(principal=caller(request))
        return Response(paginate(request, rows, listing=BY_KEY, represent=TemplateOut))

    @operation(
        "createTemplate",
        "Make a template with its first draft",
        description="Nothing is said with it before it is published.",
        request=TemplateIn,
        response=TemplateOut,
        status=201,
        request_example=examples.TEMPLATE_IN,
        response_example=examples.TEMPLATE,
        problems=(Forbidden, TemplateKeyTaken, TemplateLimitReached),
    )
    def post(self, request: Request) -> Response:
        values = TemplateIn.parse(request)
        made = authoring.create_template(principal=caller(request), now=now(), **values)
        return single(request, TemplateOut.render(made), status=201)


class Template(APIView):
    """One template."""

    @operation(
        "getTemplate",
        "Show a template",
        response=TemplateOut,
        response_example=examples.TEMPLATE,
        problems=FOUND,
    )
    def get(self, request: Request, template_id: UUID) -> Response:
        found = reading.get_template(principal=caller(request), template_id=template_id)
        return single(request, TemplateOut.render(found))

    @operation(
        "updateTemplate",
        "Change a template's category or description",
        request=TemplatePatch,
        response=TemplateOut,
        request_example={"description": "An order left"},
        response_example=examples.TEMPLATE,
        problems=FOUND,
    )
    def patch(self, request: Request, template_id: UUID) -> Response:
        changed = authoring.describe(
            principal=caller(request),
            template_id=template_id,
            changes=TemplatePatch.parse(request, partial=True),
        )
        return single(request, TemplateOut.render(changed))


class Versions(APIView):
    """What a template says, and said."""

    @operation(
        "listTemplateVersions",
        "List a template's versions, newest first",
        response=TemplateVersionOut,
        listing=NEWEST,
        response_example=examples.PUBLISHED,
        problems=FOUND,
    )
    def get(self, request: Request, template_id: UUID) -> Response:
        rows = reading.list_versions(principal=caller(request), template_id=template_id)
        return Response(paginate(request, rows, listing=NEWEST, represent=TemplateVersionOut))

    @operation(
        "startTemplateDraft",
        "Begin a draft with what the newest version says",
        response=TemplateVersionOut,
        status=201,
        response_example={**examples.DRAFT, "number": 2},
        problems=(*FOUND, DraftExists),
    )
    def post(self, request: Request, template_id: UUID) -> Response:
        draft = authoring.start_draft(principal=caller(request), template_id=template_id, now=now())
        return _version(request, draft, status=201)


class Version(APIView):
    """One version."""

    @operation(
        "getTemplateVersion",
        "Show a version of a template",
        response=TemplateVersionOut,
        response_example=examples.PUBLISHED,
        problems=(*FOUND, TemplateVersionNotFound),
    )
    def get(self, request: Request, template_id: UUID, number: int) -> Response:
        found = reading.get_version(
            principal=caller(request), template_id=template_id, number=number
        )
        return _version(request, found)


class Draft(APIView):
    """The version that is being written."""

    @operation(
        "updateTemplateDraft",
        "Change what the draft says",
        description="Each field that is given takes the place of the former as a whole.",
        request=TemplateDraftIn,
        response=TemplateVersionOut,
        request_example=examples.WRITING,
        response_example=examples.DRAFT,
        problems=(*FOUND, NoDraft, PreconditionFailed),
    )
    def patch(self, request: Request, template_id: UUID) -> Response:
        draft = authoring.edit_draft(
            principal=caller(request),
            template_id=template_id,
            changes=TemplateDraftIn.parse(request, partial=True),
            expected=if_match(request),
            now=now(),
        )
        return _version(request, draft)


class Publication(APIView):
    """Putting the draft in force."""

    @operation(
        "publishTemplate",
        "Publish the draft in place of the present version",
        description="What is wrong with it is answered with its place: a pointer such as "
        "/parts/email/en/html, and the line.",
        response=TemplateVersionOut,
        response_example=examples.PUBLISHED,
        problems=(*FOUND, NoDraft, PreconditionFailed, TemplateFaulty),
    )
    def post(self, request: Request, template_id: UUID) -> Response:
        version = publishing.publish(
            principal=caller(request),
            template_id=template_id,
            expected=if_match(request),
            now=now(),
        )
        return _version(request, version)


class Rollback(APIView):
    """Putting a former version in force again."""

    @operation(
        "rollBackTemplate",
        "Put a version in force again that was before",
        request=TemplateRollbackIn,
        response=TemplateVersionOut,
        request_example={"number": 1},
        response_example=examples.PUBLISHED,
        problems=(*FOUND, TemplateVersionNotFound, VersionNeverPublished),
    )
    def post(self, request: Request, template_id: UUID) -> Response:
        version = publishing.roll_back(
            principal=caller(request),
            template_id=template_id,
            now=now(),
            **TemplateRollbackIn.parse(request),
        )
        return _version(request, version)


class Preview(APIView):
    """What a version would say."""

    @operation(
        "previewTemplate",
        "Show what a version says with given values",
        request=TemplatePreviewIn,
        response=TemplatePreviewOut,
        request_example=examples.PREVIEW_IN,
        response_example=examples.PREVIEW,
        problems=(*FOUND, TemplateVersionNotFound, TemplateValuesInvalid, TemplateNotRendered),
    )
    def post(self, request: Request, template_id: UUID, number: int) -> Response:
        content = previewing.preview(
            principal=caller(request),
            template_id=template_id,
            number=number,
            **TemplatePreviewIn.parse(request),
        )
        return Response(TemplatePreviewOut.render(content))


class TestMail(APIView):
    """A version's mail to whoever asks."""

    @operation(
        "sendTemplateTest",
        "Mail a version to yourself",
        request=TemplateTestIn,
        response=TemplateTestOut,
        status=202,
        request_example={"locale": "de"},
        response_example={"address": "ada@example.com"},
        problems=(
            *FOUND,
            PersonRequired,
            TemplateVersionNotFound,
            TemplateValuesInvalid,
            TemplateNotRendered,
        ),
    )
    def post(self, request: Request, template_id: UUID, number: int) -> Response:
        address = previewing.send_test(
            principal=caller(request),
            template_id=template_id,
            number=number,
            **TemplateTestIn.parse(request),
        )
        return Response({"address": address}, status=202)


def _version(request: Request, version: TemplateVersion, *, status: int = 200) -> Response:
    return single(
        request, TemplateVersionOut.render(version), tag=reading.tag_of(version), status=status
    )
