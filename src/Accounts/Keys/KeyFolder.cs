using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Kontor.Accounts.Keys;

/// <summary>
/// Secrets in files that only this user may read, numbered in the order of their making: `signing-0001.pem`, `pepper-0001.key`. Processes
/// that start at once on one folder agree on the first.
/// </summary>
internal static partial class KeyFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The secrets of one kind, the oldest first; one is made when there is none.</summary>
    /// <param name="folder">Created when it does not exist.</param>
    /// <param name="kind">What the file names begin with.</param>
    /// <param name="extension">What they end with.</param>
    /// <param name="create">Makes a secret's text.</param>
    public static List<string> ReadOrCreate(string folder, string kind, string extension, Func<string> create)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("The files of secrets are guarded by Unix permissions.");
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, OwnerOnly | UnixFileMode.UserExecute);
        if (FilesOf(folder, kind, extension).Length == 0) Publish(Path.Combine(folder, $"{kind}-0001.{extension}"), create());
        return [.. FilesOf(folder, kind, extension).Select(File.ReadAllText)];
    }

    private static string[] FilesOf(string folder, string kind, string extension) =>
        [.. Directory.GetFiles(folder, $"{kind}-????.{extension}").Order(StringComparer.Ordinal)];

    /// <summary>
    /// Writes the whole file elsewhere and then links it to its name, which fails when the name is taken: so nobody reads half a secret,
    /// and nobody's secret replaces another's. (`File.Move` looks first and renames then, which is a race.)
    /// </summary>
    [UnsupportedOSPlatform("windows")]
    private static void Publish(string path, string text)
    {
        var draft = $"{path}.{Guid.NewGuid():N}.draft";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        try
        {
            using (var file = new FileStream(draft, options))
            {
                file.Write(Encoding.ASCII.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            if (Link(draft, path) != 0 && !File.Exists(path))
                throw new IOException($"The secret {path} could not be created (error {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            File.Delete(draft);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
