using System.Text.Json;

namespace Kontor.Accounts.Tokens;

/// <summary>What an access token says, in the terms of RFC 9068.</summary>
/// <param name="User">`sub`.</param>
/// <param name="Session">`sid`.</param>
/// <param name="Generation">`gen`: how often the session's refresh token had been replaced.</param>
/// <param name="Rights">`rights`: how often the person's rights had changed.</param>
/// <param name="Methods">`amr`: how the session's owner signed in.</param>
/// <param name="NotBefore">`nbf`, in seconds since 1970; 0 when there is none.</param>
/// <param name="Expires">`exp`, in seconds since 1970.</param>
internal sealed record AccessToken(
    string Issuer, string Audience, string User, string Session, long Generation, long Rights, IReadOnlyList<string> Roles,
    IReadOnlyList<string> Methods, string Name, long NotBefore, long Expires)
{
    /// <summary>Null unless it is one JSON object with every claim once, each of its type.</summary>
    /// <param name="payload">Signed by us, so that what is one of a few texts may be kept for good.</param>
    public static AccessToken? Read(ReadOnlySpan<byte> payload)
    {
        try
        {
            return new Reader(payload).Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is the reader's way to say that a text is not Unicode.
            return null;
        }
    }

    /// <summary>Reads member by member, because the framework's own readers take the last of two members with one name.</summary>
    private ref struct Reader(ReadOnlySpan<byte> payload)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private Utf8JsonReader _json = new(payload, new JsonReaderOptions { MaxDepth = 8 });
        private string? _issuer, _audience, _user, _session, _name;
        private long? _generation, _rights, _expires;
        private long _notBefore;
        private string[]? _roles;
        private string[] _methods = [];

        public AccessToken? Read()
        {
            if (!_json.Read() || _json.TokenType != JsonTokenType.StartObject) return null;
            while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
            {
                var name = _json.GetString()!;
                if (!_seen.Add(name)) return null;
                _json.Read();
                ReadMember(name);
            }

            // Anything after the object makes the reader throw here.
            if (_json.TokenType != JsonTokenType.EndObject || _json.Read()) return null;
            return (_issuer, _audience, _user, _session, _generation, _rights, _roles, _name, _expires) is
                ({ } issuer, { } audience, { } user, { } session, { } generation, { } rights, { } roles, { } who, { } expires)
                ? new(issuer, audience, user, session, generation, rights, roles, _methods, who, _notBefore, expires)
                : null;
        }

        private void ReadMember(string name)
        {
            switch (name)
            {
                case "iss": _issuer = string.Intern(Text()); break;
                case "aud": _audience = string.Intern(Text()); break;
                case "sub": _user = Text(); break;
                case "sid": _session = Text(); break;
                case "gen": _generation = Number(); break;
                case "rights": _rights = Number(); break;
                case "roles": _roles = Texts(); break;
                case "amr": _methods = Texts(); break;
                case "name": _name = Text(); break;
                case "nbf": _notBefore = Number(); break;
                case "exp": _expires = Number(); break;
                // What a later version adds does not concern this one.
                default: _json.Skip(); break;
            }
        }

        private readonly string Text() =>
            _json.TokenType == JsonTokenType.String ? _json.GetString()! : throw new JsonException();

        private readonly long Number() =>
            _json.TokenType == JsonTokenType.Number && _json.TryGetInt64(out var number) && number >= 0
                ? number
                : throw new JsonException();

        private string[] Texts()
        {
            if (_json.TokenType != JsonTokenType.StartArray) throw new JsonException();
            var texts = new List<string>();
            while (_json.Read() && _json.TokenType != JsonTokenType.EndArray) texts.Add(string.Intern(Text()));
            return [.. texts];
        }
    }
}
