"""What Discord's description of its HTTP API gets wrong, put right before it is applied.

The keys lead to a place below the description's schemas. This is the list of the noise that is
known; each entry says why it is.
"""

AMENDMENTS: dict[str, object] = {
    # Errors of a field bear a name ("BASE_TYPE_MAX_LENGTH"), only whole answers a number.
    "Error.properties.code": {"type": ["integer", "string"]},
    # A 429 bears a number for few limits only, and that of 30046 at times not even the seconds.
    "RatelimitedResponse.allOf.0": {
        "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
        "required": ["message"],
    },
    "RatelimitedResponse.allOf.1.required": ["global"],
    # discord.py sends these where they aren't described; Discord has always taken them.
    "ApplicationCommandUpdateRequest.properties.nsfw": {"type": "boolean"},
    "RichEmbed.properties.flags": {"type": "integer"},
    "MessageEditRequestPartial.properties.tts": {"type": "boolean"},
    "IncomingWebhookUpdateRequestPartial.properties.tts": {"type": "boolean"},
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial.properties.tts": {"type": "boolean"},
    # discord.py sends this id as a number.
    "CreatePrivateChannelRequest.properties.recipient_id": {"type": ["string", "integer"]},
    # An upload is referred to by its place among the files; discord.py sends that, and also the
    # id of an attachment that stays, as a number.
    "MessageAttachmentRequest.properties.id": {"type": ["string", "integer"]},
    # Of an attachment that stays discord.py sends back all that it was told of it.
    "MessageAttachmentRequest.properties.content_type": {"type": "string"},
    "MessageAttachmentRequest.properties.proxy_url": {"type": "string"},
    "MessageAttachmentRequest.properties.size": {"type": "integer"},
    "MessageAttachmentRequest.properties.spoiler": {"type": "boolean"},
    "MessageAttachmentRequest.properties.url": {"type": "string"},
}
