using Kontor;
using Kontor.Accounts;
using Kontor.Home;
using Kontor.Mail;
using Kontor.Planner;
using Kontor.Shop;
using Kontor.Sync;

return await KontorHost.Run(args,
[
    // The platform.
    new AccountsModule(),
    new MailModule(),
    new HomeModule(),
    new SyncModule(),

    // The products.
    new ShopModule(),
    new PlannerModule(),
]);
