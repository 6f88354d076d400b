using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Keys;

/// <summary>
/// Secrets in files that only this user may read, numbered in the order of their making: `signing-0001.pem`, `pepper-0001.key`. Each change
/// is one that the file system makes whole or not at all, so processes that share the folder, and one that is killed, never see half of it.
/// </summary>
/// <param name="path">Created when it does not exist.</param>
/// <param name="before">For tests: told before each change that can be seen, and may end it there.</param>
internal sealed partial class KeyFolder(string path, Action<string>? before = null)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>EWOULDBLOCK: the file is there and another process has it. Anything else will not be better in a moment.</summary>
    private const int HeldOnLinux = 11, HeldOnMac = 35;

    /// <summary>Half a minute: a process holds the folder for the making of a few keys, on however slow a disk.</summary>
    private const int LockAttempts = 600;

    /// <summary>A draft that is older was left by a process that was killed.</summary>
    private const long DraftMs = Clock.Hour;

    public static KeyFolder Open(string path, Action<string>? before = null)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("The files of secrets are guarded by Unix permissions.");
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.UserExecute);
        return new(path, before);
    }

    /// <summary>The secrets of one kind, the oldest first.</summary>
    public List<KeyFile> Read(KeyKind kind) => [.. FilesOf(kind).Select(Read).OfType<KeyFile>()];

    /// <summary>Another text after every change, and the same one until then.</summary>
    public string Fingerprint() => string.Join('\n', FilesOf(KeyKind.Signing).Concat(FilesOf(KeyKind.Pepper)).Select(file =>
    {
        var info = new FileInfo(file);
        return string.Create(CultureInfo.InvariantCulture, $"{info.Name} {info.LastWriteTimeUtc.Ticks} {(info.Exists ? info.Length : 0)}");
    }));

    /// <summary>Adds a secret, unless another process is quicker: its secret stays then.</summary>
    public void Add(KeyKind kind, KeyFile file) => Publish(PathOf(kind, file), file, (draft, target) =>
    {
        // `File.Move` looks first and renames then, which is a race; a link fails when the name is taken.
        if (Link(draft, target) != 0 && !File.Exists(target))
            throw new IOException($"The secret {target} could not be created (error {Marshal.GetLastPInvokeError()}).");
    });

    public void Replace(KeyKind kind, KeyFile file) =>
        Publish(PathOf(kind, file), file, (draft, target) => File.Move(draft, target, overwrite: true));

    public void Remove(KeyKind kind, KeyFile file)
    {
        before?.Invoke($"remove {kind.Name} {file.Number}");
        File.Delete(PathOf(kind, file));
    }

    public void RemoveDrafts()
    {
        // By the machine's clock, as files are dated.
        var now = DateTime.UtcNow;
        foreach (var draft in Directory.GetFiles(path, "*.draft"))
        {
            if ((now - File.GetLastWriteTimeUtc(draft)).TotalMilliseconds > DraftMs) File.Delete(draft);
        }
    }

    /// <summary>Waits until no other process plans changes; ended with the process, however it ends.</summary>
    public IDisposable Lock()
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = OwnerOnly,
        };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(Path.Combine(path, "keys.lock"), options);
            }
            catch (IOException held) when (held.HResult is HeldOnLinux or HeldOnMac && attempt < LockAttempts)
            {
                Thread.Sleep(50);
            }
        }
    }

    private static KeyFile? Read(string file)
    {
        try
        {
            return KeyFile.Parse(NumberOf(file), File.ReadAllText(file));
        }
        catch (FileNotFoundException)
        {
            // Another node has just removed it.
            return null;
        }
    }

    private string[] FilesOf(KeyKind kind) =>
        [.. Directory.GetFiles(path, $"{kind.Name}-????.{kind.Extension}").Order(StringComparer.Ordinal)];

    private string PathOf(KeyKind kind, KeyFile file) =>
        Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{kind.Name}-{file.Number:0000}.{kind.Extension}"));

    private static int NumberOf(string file) =>
        int.TryParse(Path.GetFileNameWithoutExtension(file).AsSpan()[^4..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidOperationException($"{file} should have a number of four digits in its name.");

    /// <summary>Writes the whole file elsewhere, and lets it appear under its name when it is on disk.</summary>
    private void Publish(string target, KeyFile file, Action<string, string> appear)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        before?.Invoke($"write {Path.GetFileName(target)}");
        var draft = $"{target}.{Guid.NewGuid():N}.draft";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        try
        {
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(file.ToString()));
                stream.Flush(flushToDisk: true);
            }

            before?.Invoke($"publish {Path.GetFileName(target)}");
            appear(draft, target);
            FlushFolder();
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>The name is to be on disk too: what is made with a secret may be on disk the next moment.</summary>
    private void FlushFolder()
    {
        var folder = OpenFolder(path, 0);
        if (folder < 0) throw new IOException($"{path} could not be opened (error {Marshal.GetLastPInvokeError()}).");
        var isFlushed = Flush(folder) == 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(folder);
        if (!isFlushed) throw new IOException($"{path} could not be flushed (error {error}).");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int file);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
