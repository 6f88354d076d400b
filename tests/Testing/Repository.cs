namespace Kontor.Testing;

/// <summary>Where this repository lies on the disk.</summary>
public static class Repository
{
    public static readonly string Root = FindRoot();

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Kontor.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
