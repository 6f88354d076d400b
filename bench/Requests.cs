using System.Text;

namespace Kontor.Bench;

/// <summary>Requests as the bytes that travel, made once and sent often.</summary>
internal static class Requests
{
    public static byte[] Get(string target, string? accessToken = null) => Bytes("GET", target, Bearer(accessToken), null);

    public static byte[] Post(string target, string json, string? cartToken = null) =>
        Bytes("POST", target, cartToken is null ? "" : $"X-Cart-Token: {cartToken}\r\n", json);

    private static string Bearer(string? accessToken) => accessToken is null ? "" : $"Authorization: Bearer {accessToken}\r\n";

    private static byte[] Bytes(string method, string target, string headers, string? json)
    {
        var content = json is null ? "" : $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n";
        return Encoding.UTF8.GetBytes($"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}{content}\r\n{json}");
    }
}
